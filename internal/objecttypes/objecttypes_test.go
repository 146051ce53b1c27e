package objecttypes_test

import (
	"encoding/json"
	"fmt"
	"testing"

	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/internal/objecttypes"
)

// Istio reads durations by the UnmarshalJSON of its Go types.
func TestDurationsAreThoseOfIstio(t *testing.T) {
	for _, duration := range []string{
		`"1m"`, `"1h30m"`, `"0.5s"`, `"100ms"`, `"1.5h"`, `"300s"`, `"0"`, `"0s"`, `"-5s"`, `"+5s"`, `".5s"`, `"5.s"`, `"1us"`, `"1µs"`, `"1ns"`,
		`"1.0000000001s"`, `"2562047h"`, `"2562048h"`, `"5"`, `"5x"`, `"1d"`, `""`, `" 5s"`, `"1m 30s"`, `"PT5S"`, `"s"`, `5`, `{"seconds": 5}`, `null`,
	} {
		data := fmt.Appendf(nil, `{"spec": {"http": [{"timeout": %s, "retries": {"perTryTimeout": %s}}]}}`, duration, duration)
		var want istionetworking.VirtualService
		wantErr := json.Unmarshal(data, &want)
		got, err := objecttypes.New("networking.istio.io/v1", "VirtualService")
		if err != nil {
			t.Fatal(err)
		}
		err = objecttypes.Decode(data, got)
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v, and Istio: %v", duration, err, wantErr)
		}
		if err == nil && asJSON(t, got) != asJSON(t, &want) {
			t.Errorf("%s: %s, and Istio: %s", duration, asJSON(t, got), asJSON(t, &want))
		}
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

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
