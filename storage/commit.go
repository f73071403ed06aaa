package storage

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// commitScript does all writes, or none. KEYS[i] has the arguments verb, was, value
// and lifetime (ms) at ARGV[4i-3 … 4i].
//
// It may run twice, since a lost reply looks like a lost command. The order makes
// that harmless:
//  1. what was replayed stays dead, whatever else is true (dead);
//  2. a record that carries the very header about to be written proves that all of
//     this has been done (a header is drawn once, and scripts are atomic). Doing it
//     again could revive what has gone since (done);
//  3. the guards (refused);
//  4. the writes, of which none can fail.
const commitScript = `
local dead, done, refused = false, false, false
for i, key in ipairs(KEYS) do
  local verb, was, value = ARGV[4*i-3], ARGV[4*i-2], ARGV[4*i-1]
  if verb ~= 'drop' and verb ~= 'release' then
    local header = redis.call('GETRANGE', key, 0, 32)
    local first = string.sub(header, 1, 1)
    local marker = first == '\129' or first == '\130'
    if verb == 'spend' then
      dead = dead or first == '\130'
      refused = refused or header ~= was and header ~= ''
    elseif verb == 'replay' then
      refused = refused or not marker or string.sub(header, 2, 21) ~= was
    else
      done = done or header == string.sub(value, 1, 33)
      refused = refused or verb == 'set' and marker or verb == 'replace' and header ~= was
    end
  end
end
if dead then return 0 end
if done then return 1 end
if refused then return 0 end
for i, key in ipairs(KEYS) do
  local verb, ms = ARGV[4*i-3], ARGV[4*i]
  if verb == 'drop' then
    redis.call('DEL', key)
  elseif verb == 'replay' then
    redis.call('SETRANGE', key, 0, '\130')
  elseif verb ~= 'release' then
    redis.call('SET', key, ARGV[4*i-1], 'PX', ms)
  elseif redis.call('GET', key) == ARGV[4*i-2] then
    if tonumber(ms) > 0 then redis.call('PEXPIRE', key, ms) else redis.call('DEL', key) end
  end
end
return 1`

// How Commit repeats itself.
const (
	firstPause = 25 * time.Millisecond
	longPause  = 500 * time.Millisecond
	patience   = 10 * time.Second // with a context that never ends
)

var errIDs = errors.New("the writes of a commit belong to one id")

// Commit does all writes of one id in one script, or none of them: guards first,
// then writes. Not ok: a guard failed. On any error of Redis it repeats itself,
// after 25 ms, doubling to 500 ms, until ctx ends (after 10 s if ctx has no
// deadline); that does no harm. An error means that the outcome is unknown.
//
// Where a reply was lost and somebody has replaced all that was written since, the
// answer is "not ok" too.
func (s *Store) Commit(ctx context.Context, writes ...Write) (ok bool, err error) {
	if len(writes) == 0 {
		return true, nil
	}
	all, err := commitment(writes)
	if err != nil {
		return false, err
	}
	return s.insist(ctx, "commit", all)
}

// commitment are the words by which commitScript does the writes.
func commitment(writes []Write) (all []any, err error) {
	all = make([]any, 0, 3+5*len(writes))
	all = append(all, "eval", commitScript, len(writes))
	for i := range writes {
		w := &writes[i]
		if w.err != nil {
			return nil, w.err
		}
		if err := checkID(w.id); err != nil {
			return nil, failed("commit", err)
		}
		if w.id != writes[0].id {
			return nil, failed("commit", errIDs)
		}
		all = append(all, &w.key)
	}
	for i := range writes {
		w := &writes[i]
		all = append(all, &w.verb, &w.was, w.value, &w.ms)
	}
	return all, nil
}

// insist runs a script that may run any number of times, until Redis says what came
// of it or ctx ends.
func (s *Store) insist(ctx context.Context, operation string, words []any) (bool, error) {
	return insist(ctx, operation, func(ctx context.Context) (*redis.Cmd, error) {
		command := redis.NewCmd(ctx, words...)
		return command, s.redis.Process(ctx, once{command})
	})
}

// insist sends the same again and again, until Redis says what came of it or ctx ends.
func insist(ctx context.Context, operation string, send func(context.Context) (*redis.Cmd, error)) (bool, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		command, err := send(ctx)
		if err == nil {
			done, err := command.Int()
			if err != nil {
				return false, failed(operation, errReply)
			}
			return done == 1, nil
		}
		if !wait(ctx, pause) {
			return false, unavailable(operation, err)
		}
	}
}

// wait reports whether ctx still lives after the pause.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
