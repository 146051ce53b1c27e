package objecttypes_test

import (
	"fmt"
	"testing"

	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/internal/objecttypes"
)

func TestKinds(t *testing.T) {
	for _, test := range []struct {
		apiVersion, kind string
		want             any
	}{
		{"v1", "Service", &corev1.Service{}},
		{"networking.istio.io/v1", "ServiceEntry", &istionetworking.ServiceEntry{}},
		{"networking.istio.io/v1beta1", "Sidecar", &istionetworking.Sidecar{}},
		{"networking.istio.io/v1alpha3", "DestinationRule", &istionetworking.DestinationRule{}},
		{"security.istio.io/v1", "AuthorizationPolicy", &istiosecurity.AuthorizationPolicy{}},
		{"security.istio.io/v1beta1", "PeerAuthentication", &istiosecurity.PeerAuthentication{}},
		{"networking.istio.io/v1", "Service", nil},
		{"v1beta1", "Service", nil},
		{"networking.istio.io/v9", "ServiceEntry", nil},
		{"", "", nil},
	} {
		got, err := objecttypes.New(test.apiVersion, test.kind)
		if wantErr := test.want == nil; (err != nil) != wantErr || !wantErr && fmt.Sprintf("%T", got) != fmt.Sprintf("%T", test.want) {
			t.Errorf("%s %s: %T, %v, want %T", test.apiVersion, test.kind, got, err, test.want)
		}
	}
}
