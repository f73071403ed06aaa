package storage

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// collectScript counts up to about ARGV[3] things of a minute that is over, and forgets
// them. ARGV goes on with the minute, the cursor of HSCAN, that number, the first day of the
// month in KEYS[3] (KEYS[4] is the month before), and how long each of the two is kept (ms).
// It answers with the next cursor, how much is left, and the things that are not over or
// were counted by a word that could have given way, each with what was said of it.
const collectScript = `
local page = redis.call('HSCAN', KEYS[1], ARGV[2], 'COUNT', ARGV[3])
local sums, things = {{}, {}}, {}
for i = 1, #page[2], 2 do
  local id, held = page[2][i], page[2][i+1]
  if id ~= '.' then
    for began, word in string.gmatch(held, '(%d+)(%a)') do
      local day = math.floor(began / 86400000)
      local month = sums[day >= tonumber(ARGV[4]) and 1 or 2]
      month[day .. word] = (month[day .. word] or 0) + 1
    end
    if string.find(held, '%l') or string.sub(held, -1) ~= '.' then
      table.insert(things, id)
      table.insert(things, held)
    end
  end
  redis.call('HDEL', KEYS[1], id)
end
for i = 1, 2 do
  for field, n in pairs(sums[i]) do redis.call('HINCRBY', KEYS[2+i], field, n) end
  if next(sums[i]) then redis.call('PEXPIRE', KEYS[2+i], ARGV[4+i]) end
end
local left = redis.call('HLEN', KEYS[1])
if left == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return {page[1], tostring(left), unpack(things)}`

// collectAtOnce is how many things one script counts, so that Redis serves others soon.
const collectAtOnce = 500

// Collected is a thing that was counted as it was, by whoever is told so and by nobody else.
type Collected struct {
	Thing

	Words []byte // of its steps; 0: nothing is known of this one
	Over  bool   // somebody has said so
}

// Collect counts the things of subjects that are due for a minute and more, and tells of each
// that nobody had said to be over, or of which a step could still have come to something
// else. All replicas may collect at once. Where a reply is lost, what it would have told
// is counted and told to nobody. It goes on with the others where one fails.
func (t *Tally) Collect(ctx context.Context, now time.Time, subjects []string, tell func(Collected)) error {
	minutes, problem := t.minutes(ctx, subjects, now.Add(-time.Minute))
	for subject, due := range minutes {
		for _, at := range due {
			problem = errors.Join(problem, t.collect(ctx, subject, at, now, tell))
		}
	}
	return problem
}

// minutes are those up to which things are due and not collected, of each subject.
func (t *Tally) minutes(ctx context.Context, subjects []string, until time.Time) (map[string][]int64, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	var replies []*redis.StringSliceCmd
	ask := func() error {
		pipe := t.store.redis.Pipeline()
		replies = replies[:0]
		for _, subject := range subjects {
			replies = append(replies, pipe.ZRangeByScore(ctx, t.dueKey(subject), &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(minute(until), 10)}))
		}
		_, err := pipe.Exec(ctx)
		return err
	}
	err := ask()
	if worthAgain(err) {
		err = ask()
	}
	found := map[string][]int64{}
	for i, subject := range subjects {
		for _, text := range replies[i].Val() {
			if at, err := strconv.ParseInt(text, 10, 64); err == nil {
				found[subject] = append(found[subject], at)
			}
		}
	}
	if err != nil {
		return found, unavailable("what is due of "+t.name, err)
	}
	return found, nil
}

// collect counts one minute of a subject, in parts.
func (t *Tally) collect(ctx context.Context, subject string, at int64, now time.Time, tell func(Collected)) error {
	due := time.Unix(at*60, 0).UTC()
	month := monthOf(due)
	keys := []string{t.openKey(subject, at), t.dueKey(subject), t.sumsKey(subject, month), t.sumsKey(subject, month.AddDate(0, -1, 0))}
	first := month.Unix() / secondsOfDay
	for cursor, again := "0", true; again; again = cursor != "0" {
		command, err := t.store.askTwice(ctx, collectScript, keys, at, cursor, collectAtOnce, first,
			lifeOf(month, now).Milliseconds(), lifeOf(month.AddDate(0, -1, 0), now).Milliseconds())
		if err != nil {
			return unavailable("collect of "+t.name, err)
		}
		reply, err := command.StringSlice()
		if err != nil || len(reply) < 2 || len(reply)%2 != 0 {
			return failed("collect of "+t.name, errReply)
		}
		cursor = reply[0]
		for rest := reply[2:]; len(rest) > 0; rest = rest[2:] {
			words, over := wordsOf(rest[1])
			tell(Collected{Thing{subject, rest[0], due}, words, over})
		}
	}
	return nil
}

const (
	secondsOfDay = 24 * 60 * 60
	stepLength   = 14 // 13 digits and a word
)

// wordsOf reads what is held of a thing.
func wordsOf(held string) (words []byte, over bool) {
	for ; len(held) >= stepLength; held = held[stepLength:] {
		word := held[stepLength-1]
		if word == '-' {
			word = 0
		}
		words = append(words, word)
	}
	return words, held == "."
}

// monthOf is when the month of a time begins, in UTC.
func monthOf(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// lifeOf is how long the sums of a month are still kept.
func lifeOf(month, now time.Time) time.Duration {
	return max(time.Hour, month.AddDate(0, 1, 0).Add(sumsLife).Sub(now))
}
