// SPDX-License-Identifier: Apache-2.0

// Command verify_proof checks the proof token on standard input without a network.
//
//	verify_proof --keys keys.json --audience NAME [--action action.json] [--issuer URL]
//	  [--min-acr LEVEL] [--methods NAME,…] [--amr WORD,…] [--auth-ref REFERENCE] < token
//
// It writes the claims and ends with status 0, or says why the token proves nothing and ends with 1; with 2 where it
// was called wrongly. A proof is evidence, never permission.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	approvalshub "approvalshub"
)

func main() {
	keys := flag.String("keys", "", "a file with what the hub's /v1/public-keys answered")
	audience := flag.String("audience", "", "who relies on the proof: your own name")
	action := flag.String("action", "", "a file with the action (and its salt) that the proof must be for")
	issuer := flag.String("issuer", "", "the hub that the proof must be from")
	minAcr := flag.String("min-acr", "", "LOW, SUBSTANTIAL or HIGH, which everybody who approved must have reached")
	methods := flag.String("methods", "", "names, with commas, of which everybody who approved must have used one")
	amr := flag.String("amr", "", "words, with commas, that everybody who approved must have shown all")
	authRef := flag.String("auth-ref", "", "the provider's reference that the proof must name")
	flag.Parse()
	// An option that a script left empty would ask for nothing.
	flag.Visit(func(given *flag.Flag) {
		if given.Value.String() == "" {
			wrong(fmt.Errorf("--%s is empty", given.Name))
		}
	})
	if *keys == "" || *audience == "" || flag.NArg() > 0 {
		wrong(errors.New("--keys and --audience are needed, and the token on standard input"))
	}
	options := approvalshub.Options{Issuer: *issuer, MinAcr: *minAcr, AuthRef: *authRef}
	if *methods != "" {
		options.Methods = strings.Split(*methods, ",")
	}
	if *amr != "" {
		options.Amr = strings.Split(*amr, ",")
	}
	if *action != "" {
		options.Action = read(*action)
		if _, err := approvalshub.Loads(options.Action); err != nil {
			wrong(fmt.Errorf("--action: %w", err))
		}
	}
	token, err := io.ReadAll(os.Stdin)
	if err != nil {
		wrong(err)
	}
	claims, err := approvalshub.VerifyProof(strings.TrimSpace(string(token)), read(*keys), *audience, options)
	var bad *approvalshub.BadProof
	if errors.As(err, &bad) {
		fmt.Fprintf(os.Stderr, "NOT VALID (%s): %s\n", bad.Reason, bad.Message)
		os.Exit(1)
	}
	if err != nil {
		wrong(err)
	}
	fmt.Printf("%s\n", approvalshub.Canonical(claims))
}

func read(file string) []byte {
	data, err := os.ReadFile(file)
	if err != nil {
		wrong(err)
	}
	return data
}

func wrong(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}
