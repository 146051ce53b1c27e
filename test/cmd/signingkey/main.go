// Command signingkey writes the public part of the first key of a keyring, and prints its fingerprint: signingkey SECRET PUBLIC.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/ProtonMail/go-crypto/openpgp"
)

func main() {
	fingerprint, err := export(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "signingkey:", err)
		os.Exit(1)
	}
	fmt.Println(fingerprint)
}

// export returns the fingerprint in upper-case hexadecimal digits.
func export(args []string) (string, error) {
	if len(args) != 2 {
		return "", errors.New("usage: signingkey SECRET-KEYRING PUBLIC-KEYRING")
	}
	secret, err := os.Open(args[0])
	if err != nil {
		return "", err
	}
	defer secret.Close() // it was read alone
	keys, err := openpgp.ReadKeyRing(secret)
	if err != nil || len(keys) == 0 {
		return "", errors.Join(errors.New("no key in "+args[0]), err)
	}
	public, err := os.Create(args[1])
	if err != nil {
		return "", err
	}
	if err := errors.Join(keys[0].Serialize(public), public.Close()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%X", keys[0].PrimaryKey.Fingerprint), nil
}
