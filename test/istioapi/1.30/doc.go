// Package istioapi names a package of Istio's API, so that go.mod keeps its version.
package istioapi

import _ "istio.io/api/annotation"
