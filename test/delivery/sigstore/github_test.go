//go:build e2e

package sigstore

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const (
	githubIssuer = "https://token.actions.githubusercontent.com"
	// requestToken is what GitHub gives to a job with "id-token: write".
	requestToken = "job"
)

// tokens are the identities that GitHub gives to jobs: signed by key, for the workflow and by the issuer that are set.
type tokens struct {
	key              signingKey
	workflow, issuer string
}

// claims are those of a token that Fulcio reads.
type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Workflow string `json:"job_workflow_ref"`
}

func (i *tokens) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "bearer "+requestToken {
		http.Error(w, "not a job", http.StatusUnauthorized)
		return
	}
	token, err := i.token(r.URL.Query().Get("audience"))
	answer(w, http.StatusOK, object{"value": token}, err)
}

// token is a JSON Web Token (RFC 7519), but for its signature, which is in ASN.1: the authority below alone looks at it.
func (i *tokens) token(audience string) (string, error) {
	payload, err := json.Marshal(claims{i.issuer, audience, "repo:istio-egress/istio-egress:environment:release", i.workflow})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	content := encode([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + encode(payload)
	signature, err := i.key.sign([]byte(content))
	return content + "." + encode(signature), err
}

// read returns the claims of a token that was made here, for Sigstore.
func (i *tokens) read(token string) (told claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return told, errors.New("no token")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !verified(&i.key.PublicKey, []byte(parts[0]+"."+parts[1]), signature) {
		return told, errors.New("the token is not GitHub's")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return told, err
	}
	if err := json.Unmarshal(payload, &told); err != nil {
		return told, err
	}
	if told.Audience != "sigstore" {
		return told, fmt.Errorf("the token is for %q", told.Audience)
	}
	return told, nil
}

// answer writes JSON, or the error.
func answer(w http.ResponseWriter, status int, content object, err error) {
	var body []byte
	if err == nil {
		body, err = json.Marshal(content)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
