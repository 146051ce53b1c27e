package main

import (
	"bytes"
	"strings"
	"testing"
)

// execute runs a command line in-process.
func execute(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, streams{in: strings.NewReader(stdin), out: &out, err: &err})
	return status, out.String(), err.String()
}

// answer runs a command line that has an answer.
func answer(t *testing.T, args ...string) string {
	t.Helper()
	status, stdout, stderr := execute(t, "", args...)
	if status != exitOK || stderr != "" {
		t.Fatalf("%q: status %d: %s", args, status, stderr)
	}
	return stdout
}

const shop = "testdata/shop.yaml"

func TestNoAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"nothing asked":     {args: nil, want: "nothing is asked: write the URL"},
		"two questions":     {args: []string{"-f", shop, "--all", "http://a/"}, want: "three questions"},
		"nothing given":     {args: []string{"http://a/"}, want: "neither values nor manifests are given"},
		"--all, no values":  {args: []string{"--with", shop, "--all"}, want: "--all is about the names of values"},
		"unknown flag":      {args: []string{"--form", "shop"}, want: "unknown flag: --form"},
		"unknown format":    {args: []string{"-f", shop, "-o", "yaml", "http://a/"}, want: `unknown output format "yaml": want one of json, text`},
		"format of --all":   {args: []string{"-f", shop, "-o", "expectations", "http://a/"}, want: `unknown output format "expectations"`},
		"missing file":      {args: []string{"-f", "no-such.yaml", "http://a/"}, want: "no-such.yaml: no such file"},
		"missing manifests": {args: []string{"--with", "no-such.yaml", "http://a/"}, want: "no-such.yaml: no such file"},
		"missing check":     {args: []string{"-f", shop, "--check", "no-such.yaml"}, want: "no-such.yaml: no such file"},
		"no URL":            {args: []string{"-f", shop, "my-httpbin"}, want: `"my-httpbin" is no URL: write http://`},
		"unknown scheme":    {args: []string{"-f", shop, "ftp://a/"}, want: "not ftp://"},
		"password":          {args: []string{"-f", shop, "http://me:secret@a/"}, want: "leave out the user and the password"},
		"no port":           {args: []string{"-f", shop, "tcp://a"}, want: "write a port from 1 to 65535, such as tcp://a:5432"},
		"method of TCP":     {args: []string{"-f", shop, "--method", "PUT", "tcp://a:1"}, want: "no proxy on the way can read the method"},
		"caller":            {args: []string{"-f", shop, "--from", "Shop", "http://a/"}, want: `"Shop" is no namespace`},
		"caller's label":    {args: []string{"-f", shop, "--from", "shop/app", "http://a/"}, want: `"app" is no label`},
		"address":           {args: []string{"-f", shop, "--address", "a", "http://a/"}, want: "write the IP address"},
		"header":            {args: []string{"-f", shop, "--header", "a", "http://a/"}, want: "write name: value"},
		"mesh config":       {args: []string{"-f", shop, "--mesh-config", shop, "http://a/"}, want: "mesh configuration"},
		"data plane":        {args: []string{"-f", shop, "--data-plane", "both", "http://a/"}, want: `--data-plane "both": a pod has a sidecar or is in ambient mode`},
		"outside, ambient":  {args: []string{"-f", shop, "--no-sidecar", "--data-plane", "ambient", "http://a/"}, want: "give one of them"},
		"stdin twice":       {args: []string{"-f", "-", "--with", "-", "http://a/"}, want: "standard input can be read only once"},
		"refused values": {stdin: "externalNameServices: {a: {externalName: a_b.example.com}}\n", args: []string{"-f", "-", "http://a/"},
			want: "externalNameServices.a.externalName (<stdin>:1): \"a_b.example.com\" has an underscore"},
		"broken manifests": {stdin: "a: [\n", args: []string{"--with", "-", "http://a/"}, want: "<stdin>:"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute(t, tc.stdin, tc.args...)
			if status != exitNoAnswer || stdout != "" || !strings.Contains(stderr, tc.want) {
				t.Errorf("status %d, want %q, got %s%s", status, tc.want, stdout, stderr)
			}
			if strings.Contains(stderr, "secret") {
				t.Error("the password is printed")
			}
		})
	}
}

func TestVersionNamesIstio(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}} {
		if got := answer(t, args...); !strings.Contains(got, "Istio 1.31") || !strings.Contains(got, "istio-egress 0.") {
			t.Errorf("%q: %s", args, got)
		}
	}
}
