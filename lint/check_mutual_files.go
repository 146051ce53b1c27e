package lint

import (
	"path"
	"strings"

	"github.com/istio-egress/istio-egress/position"
)

const idMutualFiles = "mutual-files-mount"

// checkMutualFiles reports client certificates by file path when nothing tells how the files get into the sidecar: no
// annotation of the entry and no comment at its tls block that speaks of the mount.
func checkMutualFiles(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	seen := map[string]bool{}
	for _, one := range release.entries {
		for _, port := range one.ports {
			file := text(port.tls, "clientCertificate")
			at := port.tlsPath.Join(position.Key("clientCertificate"))
			if port.mode() != "MUTUAL" || file == "" || seen[at.String()] {
				continue
			}
			seen[at.String()] = true
			if one.annotationNames(path.Dir(file)) || release.commentSays(port.tlsPath, "mount") {
				continue
			}
			findings = append(findings, warning(idMutualFiles, at,
				"%s must be mounted in every sidecar that calls %s, and nothing here says how: mount it with the pod annotations sidecar.istio.io/userVolume and userVolumeMount and say so in a comment (\"# mounted by ...\") or an annotation, or use credentialName with a workloadSelector", file, one.label()))
		}
	}
	return findings
}

// annotationNames tells whether an annotation speaks of the directory.
func (e entry) annotationNames(directory string) bool {
	for _, annotations := range []map[string]any{object(e.fields, "annotations"), object(e.release.values, "commonAnnotations")} {
		for _, value := range annotations {
			if note, ok := value.(string); ok && strings.Contains(note, directory) {
				return true
			}
		}
	}
	return false
}
