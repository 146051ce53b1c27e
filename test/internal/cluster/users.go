//go:build e2e

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// User is somebody who may log in. Only Admin may do anything from the start.
type User string

// The users of the cluster.
const (
	Admin     User = "admin"
	Installer User = "installer"
)

// groups of the users that have any.
var groups = map[User]string{Admin: "system:masters"}

// writeTokens writes the API server's token file: token, name, UID, groups.
func (c *Cluster) writeTokens() (string, error) {
	var lines strings.Builder
	for _, user := range []User{Admin, Installer} {
		fmt.Fprintf(&lines, "%s,%s,%s,%q\n", token(user), user, user, groups[user])
	}
	path := filepath.Join(c.folder, "tokens.csv")
	return path, os.WriteFile(path, []byte(lines.String()), 0o600)
}

func token(user User) string { return string(user) + "-token" }

// writeKubeconfigs writes a kubeconfig for each user.
func (c *Cluster) writeKubeconfigs(certificate []byte) error {
	for _, user := range []User{Admin, Installer} {
		config := clientcmdapi.Config{
			Clusters:       map[string]*clientcmdapi.Cluster{"test": {Server: c.server, CertificateAuthorityData: certificate}},
			AuthInfos:      map[string]*clientcmdapi.AuthInfo{"test": {Token: token(user)}},
			Contexts:       map[string]*clientcmdapi.Context{"test": {Cluster: "test", AuthInfo: "test"}},
			CurrentContext: "test",
		}
		if err := clientcmd.WriteToFile(config, c.Kubeconfig(user)); err != nil {
			return fmt.Errorf("write the kubeconfig of %s: %w", user, err)
		}
	}
	return nil
}
