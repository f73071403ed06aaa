package storage

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Tally counts what becomes of things that end some time, each once, for the whole
// deployment. A thing has an id that tells nothing, belongs to a subject, and comes to its
// end in steps. Redis keeps what was said last of each step until the thing is due:
//
//	tally-open-{minute}:{name:subject}   a hash: id → for each step, when it began (Unix time in ms, 13 digits) and a word;
//	                                     then a dot, if it is over. The field "." is how many are over.
//	tally-due:{name:subject}             those minutes
//	tally-{year}-{month}:{name:subject}  a hash: day (since 1970) and word → how many steps that began on that day, in UTC, ended so
//	tally-subjects:{name}                the subjects, each with when it was last there
//
// Until it is collected a thing can be told anything, any number of times and in any order:
// a word in small letters gives way to others, one in capital letters stays. So each script
// may be sent again, and each step is counted once, by its last word.
type Tally struct {
	store *Store
	name  string
}

// NewTally makes one. Its name is part of its keys.
func NewTally(s *Store, name string) *Tally { return &Tally{s, name} }

// How long things are kept.
const (
	openLife = 40 * 24 * time.Hour  // that nobody collects
	sumsLife = 400 * 24 * time.Hour // thirteen months, and a little, behind the end of theirs

	openMillis = int64(openLife / time.Millisecond)
)

// Thing is what is counted.
type Thing struct {
	Subject string
	ID      string
	Due     time.Time // after which nothing is said of it any more: the same in whatever is said of it
}

// Step is what is said of one step of a thing.
type Step struct {
	Number int       // 1 is the first
	Began  time.Time // counts the first time
	Word   byte      // a letter; 0: whatever was said before
	Over   bool      // nothing more becomes of the thing
	Force  bool      // also against a word that stays, and a thing that is over
}

// Asked is the word for a step that is about to begin: it says nothing of one that has.
const Asked = 'a'

// minute is in which one a thing is due.
func minute(due time.Time) int64 { return due.Unix() / 60 }

// tag is the hash tag of all keys of a subject.
func (t *Tally) tag(subject string) string { return t.name + ":" + url.QueryEscape(subject) }

func (t *Tally) openKey(subject string, minute int64) string {
	name := strconv.AppendInt(append(make([]byte, 0, 32), "tally-open-"...), minute, 10) // of a size that needs no heap
	return t.store.key(string(name), t.tag(subject))
}

func (t *Tally) dueKey(subject string) string { return t.store.key("tally-due", t.tag(subject)) }

func (t *Tally) sumsKey(subject string, month time.Time) string {
	return t.store.key(month.Format("tally-2006-01"), t.tag(subject))
}

// askScript is sayScript for the first word of a first step, which is said most often. ARGV is
// the id, when it began and the word, the minute, and how long all is kept (ms).
const askScript = `
local new = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if new == 0 then return redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] and '+' or '-' end
if redis.call('HLEN', KEYS[1]) == 1 then
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[3])
  for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
end
return '+'`

// sayScript: ARGV is the id, the number of the step, when it began, the word, a dot or
// nothing, 1 to insist or nothing, the minute, and how long all is kept (ms). It answers
// "+", or, where what was said before stays, "-". Of steps before the first that was heard
// of nothing is known ("-").
const sayScript = `
local id, at, word, over = ARGV[1], 14 * ARGV[2], ARGV[4], ARGV[5]
local was = redis.call('HGET', KEYS[1], id)
local held, dot = was or '', false
if string.sub(held, -1) == '.' then held, dot = string.sub(held, 1, -2), true end
local said = string.sub(held, at, at)
if word == '' then word = said end
if word == '' or said == word and (dot or over == '') then return '+' end
if ARGV[6] == '' and (dot or word == 'a' and said ~= '' or said ~= word and string.find(said, '%u')) then return '-' end
local before = said == '' and ARGV[3] or string.sub(held, at - 13, at - 1)
if at > 14 then
  local first = string.sub(held, 1, at - 14)
  before = first .. string.rep('0000000000000-', (at - 14 - #first) / 14) .. before
end
redis.call('HSET', KEYS[1], id, before .. word .. string.sub(held, at + 1) .. (dot and '.' or over))
if not was and redis.call('HLEN', KEYS[1]) == 1 then
  redis.call('ZADD', KEYS[2], ARGV[7], ARGV[7])
  for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[8]) end
end
if over ~= '' and not dot then redis.call('HINCRBY', KEYS[1], '.', 1) end
return '+'`

// unsayScript takes back that the step is about to begin, which began at this instant (ARGV:
// id, number, when): another call may be about to begin the same one.
const unsayScript = `
local was = redis.call('HGET', KEYS[1], ARGV[1])
if not was or #was ~= 14 * ARGV[2] or string.sub(was, -14) ~= ARGV[3] .. 'a' then return '-' end
if #was == 14 then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], string.sub(was, 1, -15)) end
return '+'`

// Say says something of a step. Taken, if it is not nil, becomes false where what was said
// before stays: see [Tally].
func (t *Tally) Say(thing Thing, step Step, taken *bool) Op {
	s := t.saying(thing, step)
	s.taken = taken
	if step.Number == 1 && step.Word == Asked && !step.Over && !step.Force {
		s.word = string(append(strconv.AppendInt(make([]byte, 0, stepLength), s.began, 10), step.Word))
		s.words = []any{"eval", askScript, 2, &s.open, &s.due, &s.thing.ID, &s.word, &s.minute, openMillis}
		return s
	}
	if step.Word != 0 {
		s.word = string(step.Word)
	}
	if step.Over {
		s.over = "."
	}
	if step.Force {
		s.force = "1"
	}
	s.words = []any{
		"eval", sayScript, 2, &s.open, &s.due,
		&s.thing.ID, step.Number, &s.began, &s.word, &s.over, &s.force, &s.minute, openMillis,
	}
	return s
}

// Unsay takes back that a step is about to begin ([Asked]), unless more has been said of it,
// or another one said so before.
func (t *Tally) Unsay(thing Thing, step Step) Op {
	s := t.saying(thing, step)
	s.words = []any{"eval", unsayScript, 2, &s.open, &s.due, &s.thing.ID, step.Number, &s.began}
	return s
}

// saying is an op about a step, by a script whose words hold the addresses of what is here.
type saying struct {
	tally     *Tally
	thing     Thing
	open, due string // the keys
	minute    int64  // in which the thing is due
	began     int64  // ms: the step
	word      string // that is said of it; the very first one behind when it began; empty: none
	over      string // a dot, or nothing
	force     string // 1, or nothing
	words     []any
	taken     *bool
	reply     *redis.Cmd
}

func (t *Tally) saying(thing Thing, step Step) *saying {
	at := minute(thing.Due)
	return &saying{
		tally: t, thing: thing, minute: at, open: t.openKey(thing.Subject, at), due: t.dueKey(thing.Subject),
		began: step.Began.UnixMilli(),
	}
}

func (s *saying) command(ctx context.Context) (redis.Cmder, error) {
	if err := checkID(s.thing.ID); err != nil || s.thing.ID == "." || s.thing.Subject == "" {
		return nil, failed("say of "+s.tally.name, errID)
	}
	s.reply = redis.NewCmd(ctx, s.words...)
	return s.reply, nil
}

func (s *saying) settle() error {
	said, err := s.reply.Text()
	if err != nil || said == "" {
		return failed("say of "+s.tally.name, errReply)
	}
	if s.taken != nil {
		*s.taken = said[0] == '+'
	}
	return nil
}
