package delivery

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// githubWorkflow and gitlabPipeline are what the examples of docs/diff.md have that is run.
type githubWorkflow struct {
	Jobs map[string]struct {
		Steps []struct{ Run string }
	}
}

type gitlabPipeline map[string]struct{ Script []string }

// commentScripts are the scripts that docs/diff.md shows: of GitHub and of GitLab, without the installation of render.
func commentScripts(t *testing.T) (github, gitlab string) {
	t.Helper()
	blocks, err := markdown.Read(filepath.Join(project.Root(), "docs", "diff.md"))
	require.NoError(t, err)
	for _, block := range blocks {
		if block.Language != "yaml" {
			continue
		}
		var workflow githubWorkflow
		var pipeline gitlabPipeline
		if strings.Contains(block.Text, "jobs:") {
			require.NoError(t, yaml.Unmarshal([]byte(block.Text), &workflow))
			steps := workflow.Jobs["diff"].Steps
			github = steps[len(steps)-1].Run
		} else if strings.Contains(block.Text, "egress-diff:") {
			require.NoError(t, yaml.Unmarshal([]byte(block.Text), &pipeline))
			script := pipeline["egress-diff"].Script
			gitlab = script[len(script)-1]
		}
	}
	require.NotEmpty(t, github)
	require.NotEmpty(t, gitlab)
	return github, gitlab
}

// stand-ins for what the scripts call: they keep what they were told, and gh finds the comment that FOUND names.
const (
	ghStandIn = `#!/bin/sh
echo "gh $*" >> "$CALLS"
case "$*" in *--jq*) [ -z "$FOUND" ] || echo "$FOUND" ;; *) cat comment.md >> "$CALLS" ;; esac
`
	curlStandIn = `#!/bin/sh
echo "curl $*" >> "$CALLS"
cat egress.md >> "$CALLS"
`
)

// The examples comment what changes, keep quiet where nothing does, and fail for what a reviewer has to look at.
func TestCommentsOnMergeRequests(t *testing.T) {
	const before = "externalNameServices:\n  api:\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"
	weaker := strings.Replace(before, "SIMPLE", "SIMPLE, insecureSkipVerify: true", 1)
	github, gitlab := commentScripts(t)
	for name, c := range map[string]struct {
		script, after, found string
		status               int
		want, without        []string
	}{
		"GitHub, weaker":         {github, weaker, "", 1, []string{"--silent COMMENTS --field", "<!-- egress -->\n### Egress: 1 change, 1 to review", "**weaker**"}, []string{"PATCH"}},
		"GitHub, weaker again":   {github, weaker, "7", 1, []string{"--method PATCH EDIT/7 --field", "**weaker**"}, nil},
		"GitHub, changed":        {github, before + "    timeout: 5s\n", "", 0, []string{"--silent COMMENTS", "| changed |"}, nil},
		"GitHub, nothing":        {github, "# a comment\n" + before, "", 0, nil, []string{"--field"}},
		"GitHub, nothing longer": {github, before, "7", 0, []string{"--method PATCH EDIT/7", "<!-- egress -->\nEgress: nothing changes."}, nil},
		"GitHub, refused":        {github, strings.Replace(before, "api.e", "API.e", 1), "", 2, nil, []string{"gh"}},
		"GitLab, weaker":         {gitlab, weaker, "", 1, []string{"URL/projects/1/merge_requests/2/notes", "**weaker**"}, nil},
		"GitLab, changed":        {gitlab, before + "    timeout: 5s\n", "", 0, []string{"| changed |"}, nil},
		"GitLab, nothing":        {gitlab, "# a comment\n" + before, "", 0, nil, []string{"curl"}},
		"GitLab, refused":        {gitlab, strings.Replace(before, "api.e", "API.e", 1), "", 2, nil, []string{"curl"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, calls := runInPipeline(t, c.script, before, c.after, c.found)
			assert.Equal(t, c.status, status)
			for _, want := range c.want {
				assert.Contains(t, calls, want)
			}
			for _, without := range c.without {
				assert.NotContains(t, calls, without)
			}
		})
	}
}

// runInPipeline runs a script in a repository whose branch changes values.yaml, and returns what it called.
func runInPipeline(t *testing.T, script, before, after, found string) (status int, calls string) {
	t.Helper()
	folder, bin := t.TempDir(), t.TempDir()
	render, err := build.Command{Name: "render", Package: "./cmd/render", Module: project.Root()}.Build(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Symlink(render, filepath.Join(bin, "render")))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "gh"), []byte(ghStandIn), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "curl"), []byte(curlStandIn), 0o700))

	environment := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CALLS="+filepath.Join(bin, "calls"), "FOUND="+found,
		"BASE=main", "COMMENTS=COMMENTS", "EDIT=EDIT",
		"CI_MERGE_REQUEST_DIFF_BASE_SHA=main", "CI_API_V4_URL=URL", "CI_PROJECT_ID=1", "CI_MERGE_REQUEST_IID=2", "EGRESS_TOKEN=x",
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	run := func(text string) (int, string) {
		shell := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", text)
		shell.Dir, shell.Env = folder, environment
		out, err := shell.CombinedOutput()
		if shell.ProcessState == nil {
			require.NoError(t, err)
		}
		return shell.ProcessState.ExitCode(), string(out)
	}
	commit := func(branch, values string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "values.yaml"), []byte(values), 0o600))
		status, out := run("git checkout -qb " + branch + " && git add . && git commit -q --allow-empty -m values")
		require.Zero(t, status, out)
	}
	status, out := run("git init -q -b start")
	require.Zero(t, status, out)
	commit("main", before)
	commit("change", after)

	status, out = run(script)
	t.Log(out)
	written, err := os.ReadFile(filepath.Join(bin, "calls"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return status, string(written)
}
