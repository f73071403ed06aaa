package edge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"strconv"

	"itsme-bridge/provider/oauth"
)

// panicked is what remains of a request whose handler has panicked with lost.
// The log learns the type of the value and where it happened: the value itself
// may be about a person. The world learns of a server_error, if it has not been
// told anything yet.
func panicked(w *statusWriter, r *http.Request, lost any, answer Failure) {
	if err, ok := lost.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(lost) // net/http's own way to cut a connection
	}
	e := EventOf(r.Context())
	e.err = fmt.Errorf("panic: %s", nameOf(lost))
	e.Add(slog.Any("stack", stack()))
	if w.status != 0 {
		return
	}
	defer func() {
		if recover() != nil && w.status == 0 { // it was the telling that panicked
			w.WriteHeader(http.StatusInternalServerError)
		}
	}()
	answer(w, r, oauth.Told(e.err))
}

// nameOf is what may be said of a panic's value. The runtime's own errors speak
// of types and numbers only.
func nameOf(lost any) string {
	if err, ok := lost.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", lost)
}

// stack lists the functions that led here, the innermost first, with file and
// line and without their arguments.
func stack() []string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)]) // without Callers, stack and panicked
	var lines []string
	for {
		frame, more := frames.Next()
		lines = append(lines, frame.Function+" "+path.Base(frame.File)+":"+strconv.Itoa(frame.Line))
		if !more {
			return lines
		}
	}
}
