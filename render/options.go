package render

import (
	"errors"
	"regexp"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Options describe the release that is rendered. The zero value renders what helm template renders by default.
type Options struct {
	// ReleaseName defaults to "release-name", as in helm template. At most 53 characters, a DNS subdomain.
	ReleaseName string
	// Namespace is the release's namespace; default "default".
	Namespace string
	// KubeVersion is the version that the chart sees as the cluster's, such as "1.33" or "v1.33.2". The default is
	// that of the Helm release this package renders with.
	KubeVersion string
	// APIVersions are added to the API versions that the chart sees as served, such as "networking.istio.io/v1".
	APIVersions []string
	// IsUpgrade sets .Release.IsUpgrade instead of .Release.IsInstall.
	IsUpgrade bool
	// SkipSchemaValidation leaves values.schema.json out, as the flag of helm does. The chart's templates still refuse what
	// would be dangerous.
	SkipSchemaValidation bool
}

const (
	defaultReleaseName = "release-name"
	defaultNamespace   = "default"
)

// WithDefaults fills in the names that are empty.
func (o Options) WithDefaults() Options {
	if o.ReleaseName == "" {
		o.ReleaseName = defaultReleaseName
	}
	if o.Namespace == "" {
		o.Namespace = defaultNamespace
	}
	return o
}

// Check says which option cannot be, as an [*OptionError]: names that Kubernetes or Helm would refuse, and versions that are
// none. Empty options are the defaults.
func (o Options) Check() error {
	_, err := newHelmRelease(o)
	return err
}

var (
	errReleaseName = errors.New("no name that Helm takes: write lower-case letters, digits and hyphens, at most 53 characters, such as egress")
	errNamespace   = errors.New("no name that Kubernetes takes: write lower-case letters, digits and hyphens, at most 63 characters, such as team-a")
	errAPIVersion  = errors.New("no API has such a version: write one such as v1, networking.istio.io/v1, or networking.istio.io/v1/ServiceEntry")

	apiVersion = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-z]([-a-z0-9]*[a-z0-9])?(/[A-Z][A-Za-z0-9]*)?$`)
)

// check checks names and API versions.
func (o Options) check() error {
	const longestReleaseName = 53
	if len(o.ReleaseName) > longestReleaseName || len(validation.IsDNS1123Subdomain(o.ReleaseName)) > 0 {
		return &OptionError{"ReleaseName", o.ReleaseName, errReleaseName}
	}
	if len(validation.IsDNS1123Label(o.Namespace)) > 0 {
		return &OptionError{"Namespace", o.Namespace, errNamespace}
	}
	for _, version := range o.APIVersions {
		if !apiVersion.MatchString(version) {
			return &OptionError{"APIVersions", version, errAPIVersion}
		}
	}
	return nil
}
