package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVariants(t *testing.T) {
	file := &File{}
	assert.Equal(t, []Variant{{Outbound: AllowAny}}, file.Variants())
	file.Surroundings.Outbound = []string{AllowAny, RegistryOnly}
	file.Surroundings.MeshWideMutual = []string{"", "*"}
	assert.Equal(t, []Variant{{AllowAny, ""}, {AllowAny, "*"}, {RegistryOnly, ""}}, file.Variants())
}

func hosts(planned []Planned) (all []string) {
	for _, p := range planned {
		all = append(all, p.Caller+" "+p.Host)
	}
	return all
}

func TestCallsByEveryName(t *testing.T) {
	file := &File{Callers: map[string]*Caller{"home": {}, "abroad": {Pod: Pod{Namespace: "team-b"}}}}
	each := &Case{
		Calls: []Call{
			{URL: "http://api/", From: "home", Names: AllNames},
			{URL: "http://api.default/", From: "abroad", Names: AllNames},
			{URL: "http://api/", From: "home", Only: RegistryOnly},
		},
		Expectation: Expectation{Sees: "200", Arrives: &Arrives{At: "api:80"}},
	}
	planned, err := file.Plan(each, Variant{Outbound: AllowAny})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"home api", "home api.default", "home api.default.svc", "home api.default.svc.cluster.local",
		"abroad api.default", "abroad api.default.svc", "abroad api.default.svc.cluster.local",
	}, hosts(planned))
	for _, p := range planned {
		assert.Equal(t, "200", p.Sees, "inherited")
		assert.Equal(t, "api:80", p.Arrives.At, "inherited")
	}

	planned, err = file.Plan(each, Variant{Outbound: RegistryOnly})
	require.NoError(t, err)
	assert.Len(t, planned, 8)

	each.Only = AllowAny
	planned, err = file.Plan(each, Variant{Outbound: RegistryOnly})
	require.NoError(t, err)
	assert.Empty(t, planned)
}

func TestCallsOfTheDefaultCaller(t *testing.T) {
	each := Case{Calls: []Call{{URL: "tcp://db:5432"}}}
	for _, file := range []*File{
		{Callers: map[string]*Caller{"only": {}}},
		{Callers: map[string]*Caller{"another": {}, "client": {}}},
	} {
		planned, err := file.Plan(&each, Variant{Outbound: AllowAny})
		require.NoError(t, err)
		require.Len(t, planned, 1)
		assert.NotEqual(t, "another", planned[0].Caller)
		assert.EqualValues(t, 5432, planned[0].Port)
	}
}

func TestMatrix(t *testing.T) {
	file := &File{Matrix: &Matrix{
		Kinds: []string{externalName, clusterIP, "EndpointSlice", serviceEntry}, TLS: []string{disable, "SIMPLE", mutual},
		Protocols: []MatrixProtocol{
			{Protocol: "http", Port: 80, Name: "http"}, {Protocol: "https", Port: 443, Name: "https"},
			{Protocol: "tcp", Port: 5432, Name: "tcp"}, {Protocol: "greeting", Port: 3306, Name: "mysql", TLS: []string{disable}},
		},
	}}
	require.NoError(t, file.generate())
	values := file.Releases[0].Values
	// Three modes, but one for https, which is not encrypted once more, and for mysql, as it says.
	const each = 3 + 1 + 3 + 1
	assert.Len(t, values["externalNameServices"], 2*each)
	assert.Len(t, values["endpointServices"], 2*each)
	assert.Len(t, file.Surroundings.Servers, 4*each)
	calls := map[string]int{}
	for _, c := range file.Cases {
		calls[c.Name] = len(c.Calls)
	}
	assert.Equal(t, map[string]int{
		"right certificates":                  2 * 4 * each,
		"certificates with wrong name":        4 * 4,
		"certificates with other CA":          4 * 4,
		"certificates with expired":           4 * 4,
		"certificates with not yet valid":     4 * 4,
		"closed, without its DestinationRule": 2 * 2 * 4,
		"closed, without its VirtualService":  2 * 2 * each,
		"closed, without its ServiceEntry":    2 * 2 * each,
		"closed, without its Service":         2 * 2 * each,
	}, calls)
	file.About = "generated"
	assert.NoError(t, file.check())

	for _, entry := range values["externalNameServices"].([]any) {
		fields := entry.(map[string]any)
		assert.Contains(t, []string{externalName, clusterIP}, fields["serviceType"])
		_, addressed := fields["addresses"]
		name := fields["name"].(string)
		needs := name == "externalname-mysql-disable" || strings.HasPrefix(name, "externalname-tcp-")
		assert.Equal(t, needs, addressed, "%s: the open form needs addresses for tcp, and none else", name)
	}
	assert.Error(t, file.generate(), "a matrix beside cases")
}
