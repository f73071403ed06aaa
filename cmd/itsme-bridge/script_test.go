package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// started is what a script has started.
func started(ts *testscript.TestScript) **daemon {
	return ts.Value(slot{}).(**daemon) //nolint:forcetypeassert // surroundings put it there
}

// exitsWith CODE PROGRAM ARGUMENTS… is exec for a program that ends with a code.
func exitsWith(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s\n%s%s", code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// serve FLAGS… starts the bridge and waits until it serves.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	var environment []string
	for _, name := range []string{
		"REDIS", "CM", "LISTEN", "OPERATIONS", "MASTER_KEY", "SECOND_KEY", "SALT", "CM_TOKEN", "CLIENT_SECRET", "ISSUER", "GOCOVERDIR",
	} {
		environment = append(environment, name+"="+ts.Getenv(name))
	}
	d, err := begin(ts.MkAbs("."), environment, append([]string{"serve"}, args...)...)
	ts.Check(err)
	ts.Defer(d.kill)
	*started(ts) = d
	ts.Check(d.await(`"msg":"serving"`))
}

// says TEXT waits until the bridge prints a line with it.
func says(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check((*started(ts)).await(strings.Join(args, " ")))
}

// json PATH PATTERN wants the standard output to be one JSON document, with a value at
// a path such as keys.0.kid; "! json PATH" wants nothing there.
func jsonHas(ts *testscript.TestScript, not bool, args []string) {
	var at any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &at))
	there := true
	for name := range strings.SplitSeq(args[0], ".") {
		switch of := at.(type) {
		case map[string]any:
			at, there = of[name]
		case []any:
			i, err := strconv.Atoi(name)
			if there = err == nil && i < len(of); there {
				at = of[i]
			}
		default:
			there = false
		}
		if !there {
			break
		}
	}
	if there == not || there && !regexp.MustCompile("^(?:"+args[1]+")$").MatchString(fmt.Sprint(at)) {
		ts.Fatalf("%s is %v\n%s", args[0], at, ts.ReadFile("stdout"))
	}
}

// signal HUP or TERM.
func signal(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check((*started(ts)).signal(map[string]syscall.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}[args[0]]))
}

// exits CODE waits for the end of the bridge.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code, err := (*started(ts)).exit()
	ts.Check(err)
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d\n%s", code, (*started(ts)).said.String())
	}
}

// get URL STATUS [TEXT] asks as a browser does, and wants an answer with a text.
func get(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, args[0], http.NoBody)
	ts.Check(err)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Sec-Fetch-User", "?1")
	answer, err := http.DefaultTransport.RoundTrip(r)
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if strconv.Itoa(answer.StatusCode) != args[1] || len(args) > 2 && !strings.Contains(string(body), args[2]) {
		ts.Fatalf("%s %s: %s\n%s", args[0], answer.Status, answer.Header, body)
	}
}
