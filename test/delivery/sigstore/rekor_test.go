//go:build e2e

package sigstore

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// serveEntry is Rekor: each entry is the only one of its log.
func (s *standIn) serveEntry(w http.ResponseWriter, r *http.Request) {
	var proposed object
	err := json.NewDecoder(r.Body).Decode(&proposed)
	var entry object
	if err == nil {
		entry, err = logEntry(s.transparency, proposed)
	}
	answer(w, http.StatusCreated, object{hex.EncodeToString(s.transparency.id): entry}, err)
}

// logEntry is what the log says of an entry: a promise, and the proof that the entry is in it.
// https://github.com/sigstore/rekor/blob/main/openapi.yaml (LogEntry)
func logEntry(key signingKey, proposed object) (object, error) {
	body, err := json.Marshal(proposed) // in the order of the keys, as canonical JSON is
	if err != nil {
		return nil, err
	}
	entry := object{
		"body": base64.StdEncoding.EncodeToString(body), "integratedTime": time.Now().Unix(),
		"logIndex": 0, "logID": hex.EncodeToString(key.id),
	}
	promised, err := json.Marshal(entry)
	if err != nil {
		return nil, err
	}
	promise, err := key.sign(promised)
	if err != nil {
		return nil, err
	}
	proof, err := inclusionProof(key, body)
	entry["verification"] = object{"signedEntryTimestamp": promise, "inclusionProof": proof}
	return entry, err
}

// inclusionProof is for a tree of one leaf, whose hash (RFC 6962, section 2.1) is the root's.
func inclusionProof(key signingKey, body []byte) (object, error) {
	root := sha256.Sum256(append([]byte{0}, body...))
	note := fmt.Sprintf("stand-in - 1\n1\n%s\n", base64.StdEncoding.EncodeToString(root[:]))
	signature, err := key.sign([]byte(note))
	if err != nil {
		return nil, err
	}
	hinted := slices.Concat(key.id[:4], signature)
	return object{
		"logIndex": 0, "treeSize": 1, "hashes": []string{}, "rootHash": hex.EncodeToString(root[:]),
		"checkpoint": fmt.Sprintf("%s\n\u2014 stand-in %s\n", note, base64.StdEncoding.EncodeToString(hinted)),
	}, nil
}
