package lint

import (
	"path"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
)

const idMutualFiles = "mutual-files-mount"

// checkMutualFiles reports client certificates by file path when nothing tells how the files get into the sidecar: no
// annotation of the entry and no comment at its tls block that speaks of the mount.
func checkMutualFiles(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	seen := map[*egress.TLS]bool{}
	for _, service := range release.model.Services {
		for _, port := range service.Ports {
			file := port.TLS.GetSettings().GetClientCertificate()
			if port.TLS.Mode() != "MUTUAL" || file == "" || seen[port.TLS] {
				continue
			}
			seen[port.TLS] = true
			if annotationNames(service, path.Dir(file)) || release.commentSays(at(port.TLS.Path), "mount") {
				continue
			}
			if service.Through != "" {
				findings = append(findings, warning(idMutualFiles, at(port.TLS.Path, "clientCertificate"),
					"%s must be mounted in the pods of the gateway %s, which calls the server of %s, and nothing here says how: mount it there and say so in a comment (\"# mounted by ...\") or an annotation, or use credentialName with a Secret of the gateway's namespace", file, service.Through, service.ID()))
				continue
			}
			findings = append(findings, warning(idMutualFiles, at(port.TLS.Path, "clientCertificate"),
				"%s must be mounted in every sidecar that calls %s, and nothing here says how: mount it with the pod annotations sidecar.istio.io/userVolume and userVolumeMount and say so in a comment (\"# mounted by ...\") or an annotation, or use credentialName with a workloadSelector", file, service.ID()))
		}
	}
	return findings
}

// annotationNames tells whether an annotation speaks of the directory.
func annotationNames(service *egress.Service, directory string) bool {
	for _, note := range service.Annotations {
		if strings.Contains(note, directory) {
			return true
		}
	}
	return false
}
