// SPDX-License-Identifier: Apache-2.0

// Package approvalshub checks proof tokens of an Approvals Hub without a network, from the hub's published keys alone.
//
// Copy these three files: they need nothing but the standard library. Their twins in Python and JavaScript answer the same about
// every vector. A proof is evidence, never permission.
package approvalshub

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

const maxLength = 64 * 1024

var (
	tokenForm  = regexp.MustCompile(`^v4\.public\.([A-Za-z0-9_-]{86,})(?:\.([A-Za-z0-9_-]+))?$`)
	footerForm = regexp.MustCompile(`^\{"kid":"([A-Za-z0-9._-]{1,128})"\}$`)
	levels     = map[string]int{"LOW": 1, "SUBSTANTIAL": 2, "HIGH": 3}
	timeForm   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z$`)
)

// BadProof says that the token proves nothing here. Reason is one word for programs: malformed, unknown_key,
// bad_signature, kid, purpose, issuer, audience, expired, not_yet_valid, decision, action, acr, methods, amr or auth_ref.
type BadProof struct{ Reason, Message string }

func (bad *BadProof) Error() string { return bad.Message }

// Options are what else is asked of a proof. The zero value asks nothing more, at the present time: without MinAcr,
// Methods, Amr or AuthRef a proof of an action that no person saw is good too.
type Options struct {
	Action  []byte        // JSON of the action, salt included, that the proof must be for
	Issuer  string        // the hub it must be from
	Now     time.Time     // when it must be good
	Leeway  time.Duration // for clocks that differ, in whole milliseconds
	MinAcr  string        // LOW, SUBSTANTIAL or HIGH: what everybody who approved must have reached
	Methods []string      // everybody who approved must have used one of these
	Amr     []string      // everybody who approved must have shown all of these (RFC 8176)
	AuthRef string        // the provider's reference that the proof must name
}

// VerifyProof gives the claims of a proof token that is good. Keys is what GET /v1/public-keys answered, audience the
// verifier's own name. It opens no socket. The error is a *BadProof, but for keys that are no such answer, and for no
// audience.
func VerifyProof(token string, keys []byte, audience string, options Options) (map[string]any, error) {
	if audience == "" {
		return nil, errors.New("audience is the name of who verifies")
	}
	if err := options.checkAsked(); err != nil {
		return nil, err
	}
	now := options.Now
	if now.IsZero() {
		now = time.Now()
	}
	body, footer, err := split(token)
	if err != nil {
		return nil, err
	}
	found := footerForm.FindSubmatch(footer)
	if found == nil {
		return nil, &BadProof{"malformed", `the footer is not exactly {"kid":…}`}
	}
	kid := string(found[1])
	key, err := trustedKey(keys, kid, now.UnixMilli())
	if err != nil {
		return nil, err
	}
	payload, signature := body[:len(body)-64], body[len(body)-64:]
	// Go takes an R of small order, libsodium does not.
	if !isOfPrimeOrder(signature[:32]) || !ed25519.Verify(key, encoded(payload, footer), signature) {
		return nil, &BadProof{"bad_signature", "the signature does not verify"}
	}
	read, err := Loads(payload)
	claims, isObject := read.(map[string]any)
	if err != nil || !isObject {
		return nil, &BadProof{"malformed", "the payload is not an object in strict JSON"}
	}
	if err = check(claims, kid, audience, now.UnixMilli(), options); err != nil {
		return nil, err
	}
	return claims, nil
}

func check(claims map[string]any, kid, audience string, now int64, options Options) error {
	if claims["kid"] != any(kid) {
		return &BadProof{"kid", "claim and footer name different keys"}
	}
	if _, there := claims["purpose"]; there {
		return &BadProof{"purpose", "the token is for another purpose"}
	}
	if options.Issuer != "" && claims["iss"] != any(options.Issuer) {
		return &BadProof{"issuer", "the token is from another issuer"}
	}
	if claims["aud"] != any(audience) {
		return &BadProof{"audience", "the token is for another audience"}
	}
	if err := checkTimes(claims, now, options.Leeway.Milliseconds()); err != nil {
		return err
	}
	if claims["decision"] != any("ALLOW") {
		return &BadProof{"decision", "the token proves no permission"}
	}
	if options.Action != nil {
		action, err := Loads(options.Action)
		if _, isObject := action.(map[string]any); err != nil || !isObject {
			return &BadProof{"action", "the action is not an object in strict JSON"}
		}
		if claims["action_hash"] != any(fmt.Sprintf("sha256:%x", sha256.Sum256(Canonical(action)))) {
			return &BadProof{"action", "the proof is for another action"}
		}
	}
	return options.checkPeople(claims)
}

// checkAsked refuses what seems to ask and asks for nothing.
func (options Options) checkAsked() error {
	if options.MinAcr != "" && levels[options.MinAcr] == 0 {
		return errors.New("MinAcr is one of LOW, SUBSTANTIAL, HIGH")
	}
	for _, words := range [][]string{options.Methods, options.Amr} {
		if words != nil && len(words) == 0 || has(words, "") {
			return errors.New("Methods and Amr are lists of names, and at least one")
		}
	}
	return nil
}

// checkPeople looks at what everybody who approved has proven; a claim that is missing or unknown shows nothing.
func (options Options) checkPeople(claims map[string]any) error {
	people, _ := claims["approvers"].([]any)
	everybody := func(holds func(map[string]any) bool) bool {
		for _, each := range people {
			if person, isObject := each.(map[string]any); !isObject || !holds(person) {
				return false
			}
		}
		return len(people) > 0
	}
	reaches := func(each map[string]any) bool {
		acr, _ := each["acr"].(string)
		return levels[acr] >= levels[options.MinAcr]
	}
	if options.MinAcr != "" && !(reaches(claims) && everybody(reaches)) {
		return &BadProof{"acr", "not everybody who approved is known at the level " + options.MinAcr}
	}
	if options.Methods != nil && !everybody(func(each map[string]any) bool {
		used := texts(each["methods"])
		for _, name := range options.Methods {
			if has(used, name) {
				return true
			}
		}
		return false
	}) {
		return &BadProof{"methods", "not everybody who approved used one of " + strings.Join(options.Methods, ", ")}
	}
	if options.Amr != nil && !everybody(func(each map[string]any) bool {
		shown := texts(each["amr"])
		for _, word := range options.Amr {
			if !has(shown, word) {
				return false
			}
		}
		return true
	}) {
		return &BadProof{"amr", "not everybody who approved showed " + strings.Join(options.Amr, ", ")}
	}
	if options.AuthRef != "" && !has(texts(claims["auth_ref"]), options.AuthRef) {
		return &BadProof{"auth_ref", "the proof names another reference, or none"}
	}
	return nil
}

// texts gives the texts of a list, of anything else none.
func texts(claim any) (found []string) {
	list, _ := claim.([]any)
	for _, each := range list {
		if text, isText := each.(string); isText {
			found = append(found, text)
		}
	}
	return found
}

func has(words []string, word string) bool {
	for _, each := range words {
		if each == word {
			return true
		}
	}
	return false
}

func checkTimes(claims map[string]any, now, leeway int64) error {
	times := map[string]int64{}
	for _, name := range []string{"iat", "nbf", "exp"} {
		claim, there := claims[name]
		if !there && name != "exp" {
			continue
		}
		moment, isTime := milliseconds(claim)
		if !isTime {
			return &BadProof{"malformed", name + " is not an RFC 3339 time in UTC"}
		}
		times[name] = moment
	}
	if now >= times["exp"]+leeway {
		return &BadProof{"expired", "the token has expired"}
	}
	for _, name := range []string{"iat", "nbf"} {
		if start, there := times[name]; there && now < start-leeway {
			return &BadProof{"not_yet_valid", "the token is not valid yet"}
		}
	}
	return nil
}

// milliseconds since 1970 of a UTC time with Z and three decimals or none; false for all else.
func milliseconds(given any) (int64, bool) {
	text, _ := given.(string)
	if !timeForm.MatchString(text) || strings.HasPrefix(text, "0000") {
		return 0, false
	}
	moment, err := time.Parse(time.RFC3339, text)
	return moment.UnixMilli(), err == nil
}

// split gives payload with signature, and footer, of a text that alone has these bytes.
func split(token string) (body, footer []byte, err error) {
	if len(token) <= maxLength {
		if parts := tokenForm.FindStringSubmatch(token); parts != nil {
			body, footer = unb64u(parts[1]), unb64u(parts[2])
		}
	}
	if body == nil || footer == nil {
		return nil, nil, &BadProof{"malformed", "not the canonical text of a v4.public token"}
	}
	return body, footer, nil
}

// unb64u gives the bytes of a base64url text if it is their only one, else nil. Go by itself skips line feeds.
func unb64u(text string) []byte {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodeToString(data) != text {
		return nil
	}
	return data
}

// encoded is what is signed: PASETO's pre-authentication encoding, the implicit assertion empty.
func encoded(payload, footer []byte) []byte {
	pieces := [][]byte{[]byte("v4.public."), payload, footer, {}}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(pieces)))
	for _, piece := range pieces {
		out = append(binary.LittleEndian.AppendUint64(out, uint64(len(piece))), piece...)
	}
	return out
}
