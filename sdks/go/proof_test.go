// SPDX-License-Identifier: Apache-2.0

package approvalshub

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

type example struct {
	Name, Token, Claims, Reason, Issuer string
	Action                              *string
	Leeway                              int64
	Keys                                json.RawMessage
	proven
}

type proven struct {
	MinAcr       string `json:"min_acr"`
	Methods, Amr []string
	AuthRef      string `json:"auth_ref"`
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "tests", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEveryGoodProofGivesItsClaimsAndEveryAttackItsReason(t *testing.T) {
	var file struct {
		Audience          string
		Now               time.Time
		Keys              json.RawMessage
		Accepted, Refused []example
	}
	if err := json.Unmarshal(read(t, "approvals_hub/proofs.json"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Accepted) < 26 || len(file.Refused) < 190 {
		t.Fatal("vectors are missing")
	}
	for _, each := range append(file.Accepted, file.Refused...) {
		options := Options{Issuer: each.Issuer, Now: file.Now, Leeway: time.Duration(each.Leeway) * time.Millisecond}
		options.MinAcr, options.Methods, options.Amr, options.AuthRef = each.MinAcr, each.Methods, each.Amr, each.AuthRef
		if each.Action != nil {
			options.Action = []byte(*each.Action)
		}
		keys := each.Keys
		if keys == nil {
			keys = file.Keys
		}
		claims, err := VerifyProof(each.Token, keys, file.Audience, options)
		given, bad := "", (*BadProof)(nil)
		if errors.As(err, &bad) {
			given = bad.Reason
		} else if err == nil {
			given = string(Canonical(claims))
		}
		if given != each.Claims+each.Reason || err != nil && claims != nil {
			t.Errorf("%s: %s%s is wanted, not %s (%v)", each.Name, each.Claims, each.Reason, given, err)
		}
	}
}

func TestWhatWouldAskForNothingIsNotAsked(t *testing.T) {
	var file struct {
		Audience     string
		Now          time.Time
		Keys         json.RawMessage
		Accepted     []example
		AskedWrongly []proven `json:"asked_wrongly"`
	}
	if err := json.Unmarshal(read(t, "approvals_hub/proofs.json"), &file); err != nil || len(file.AskedWrongly) != 7 {
		t.Fatal("vectors are missing", err)
	}
	for _, each := range file.AskedWrongly {
		options := Options{Now: file.Now, MinAcr: each.MinAcr, Methods: each.Methods, Amr: each.Amr}
		claims, err := VerifyProof(file.Accepted[0].Token, file.Keys, file.Audience, options)
		if claims != nil || err == nil || errors.As(err, new(*BadProof)) {
			t.Errorf("%v: %v", each, err)
		}
	}
}

func TestAnActionIsWrittenAsTheVectorsOfRFC8785Say(t *testing.T) {
	for _, name := range []string{"arrays", "french", "structures", "unicode", "values", "weird"} {
		value, err := Loads(read(t, "jcs/input/"+name+".json"))
		if err != nil || string(Canonical(value)) != string(read(t, "jcs/output/"+name+".json")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoDoesNotNameItselfOrBringsNoKeysIsToldSo(t *testing.T) {
	token := "v4.public." + b64(64) + "." + "eyJraWQiOiJrMSJ9"
	for _, keys := range []string{"", "null", "[]", "{}", `{"keys":{}}`, `{"keys":[],"keys":[]}`} {
		if _, err := VerifyProof(token, []byte(keys), "me", Options{}); err == nil || errors.As(err, new(*BadProof)) {
			t.Errorf("%q: %v", keys, err)
		}
	}
	var file struct {
		Now        time.Time
		Keys       json.RawMessage
		NoAudience struct{ Audiences, Tokens []string } `json:"no_audience"`
	}
	if err := json.Unmarshal(read(t, "approvals_hub/proofs.json"), &file); err != nil || len(file.NoAudience.Tokens) < 4 {
		t.Fatal("vectors are missing", err)
	}
	for _, audience := range file.NoAudience.Audiences { // null is "" in Go
		for _, each := range file.NoAudience.Tokens {
			if _, err := VerifyProof(each, file.Keys, audience, Options{Now: file.Now}); err == nil {
				t.Errorf("%q and no audience", each)
			}
		}
	}
}

// b64 is so many zero bytes in base64url.
func b64(count int) string {
	text := make([]byte, (count*8+5)/6)
	for at := range text {
		text[at] = 'A'
	}
	return string(text)
}
