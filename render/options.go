package render

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
