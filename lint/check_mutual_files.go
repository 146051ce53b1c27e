package lint

import (
	"path"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

const idMutualFiles = "mutual-files-mount"

// checkMutualFiles reports certificates by file path when nothing tells how the files get into the proxy that originates TLS: no
// annotation of the entry and no comment at its tls block that speaks of the mount.
func checkMutualFiles(release *loadedRelease, _ Options) []Finding {
	if release.model.DataPlane == egress.DataPlaneAmbient {
		return nil // the chart says where a waypoint needs them
	}
	var findings []Finding
	seen := map[*egress.TLS]bool{}
	for _, service := range release.model.Services {
		for _, port := range service.Ports {
			field, file := mountedFile(port.TLS)
			if file == "" || seen[port.TLS] {
				continue
			}
			seen[port.TLS] = true
			if annotationNames(service, path.Dir(file)) || release.commentSays(at(port.TLS.Path), "mount") {
				continue
			}
			findings = append(findings, notMounted(service, at(port.TLS.Path, field), file))
		}
	}
	return findings
}

// systemCAs are those of the proxy's image (Istio's agent adds them under this path, and so does Debian).
const systemCAs = "/etc/ssl/certs/"

// mountedFile is the first file that the proxy needs and does not have by itself, with its field.
func mountedFile(tls *egress.TLS) (field, file string) {
	settings := tls.GetSettings()
	if file := settings.GetClientCertificate(); tls.Mode() == "MUTUAL" && file != "" {
		return "clientCertificate", file
	}
	file = settings.GetCaCertificates()
	if !tls.Originates() || !path.IsAbs(file) || strings.HasPrefix(file, systemCAs) {
		return "", ""
	}
	return "caCertificates", file
}

func notMounted(service *egress.Service, field position.Path, file string) Finding {
	instead := "credentialName with a workloadSelector"
	if field[len(field)-1].Key == "caCertificates" {
		instead += ", or a ConfigMap by credentialName: configmap://NAMESPACE/NAME"
	}
	if service.Through != "" {
		return warning(idMutualFiles, field,
			"%s must be mounted in the pods of the gateway %s, which calls the server of %s, and nothing here says how: mount it there and say so in a comment (\"# mounted by ...\") or an annotation, or use credentialName with a Secret of the gateway's namespace", file, service.Through, service.ID())
	}
	return warning(idMutualFiles, field,
		"%s must be mounted in every sidecar that calls %s, and nothing here says how: mount it with the pod annotations sidecar.istio.io/userVolume and userVolumeMount and say so in a comment (\"# mounted by ...\") or an annotation, or use %s", file, service.ID(), instead)
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
