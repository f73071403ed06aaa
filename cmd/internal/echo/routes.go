package echo

import (
	"encoding/json"
	"mime"
	"net/http"

	"itsme-bridge/cmd/internal/machine"
)

// Running is what a bridge tells a doctor of itself.
type Running struct {
	Version       string        `json:"version"`
	Configuration string        `json:"configuration"` // which text it has read, known only to whoever has the master key
	Machine       machine.Facts `json:"machine"`
}

// maxQuestion is the most bytes of a question.
const maxQuestion = 1 << 10

type question struct {
	Answer Answer `json:"answer,omitempty"`
	Word   string `json:"word,omitempty"`
}

type reply struct {
	Word     string    `json:"word,omitempty"`
	Arrivals []Arrival `json:"arrivals,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// Routes are those of the operations listener. Only JSON is read, which no page of
// another site can have a browser send.
func (e *Echo) Routes(mux *http.ServeMux, running func() Running) {
	mux.HandleFunc("GET /doctor", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, running()) })
	mux.HandleFunc("POST /doctor/expect", func(w http.ResponseWriter, r *http.Request) {
		if q, ok := asked(w, r); ok {
			say(w, http.StatusOK, reply{Word: e.Expect(q.Answer)})
		}
	})
	mux.HandleFunc("POST /doctor/arrived", func(w http.ResponseWriter, r *http.Request) {
		if q, ok := asked(w, r); ok {
			say(w, http.StatusOK, reply{Arrivals: e.Arrived(q.Word)})
		}
	})
}

// asked reads a question, or answers that it is none.
func asked(w http.ResponseWriter, r *http.Request) (q question, ok bool) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxQuestion))
	if kind != "application/json" || decoder.Decode(&q) != nil || !q.Answer.known() {
		say(w, http.StatusBadRequest, reply{Error: `write JSON: {"answer": "leading"}, {"answer": "refusing"}, {} or {"word": …}`})
		return q, false
	}
	return q, true
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who has hung up does not mind
}
