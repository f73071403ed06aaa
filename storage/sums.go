package storage

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// SumsLife is for how many months back the sums are kept, at least.
const SumsLife = 13

// Sum is how many steps that began on a day have this word.
type Sum struct {
	Day   time.Time // when it began, in UTC
	Word  byte
	Count int
	Open  bool // they are not due yet, and their word may still give way
}

// Sums are those of a subject in a month, of what has been collected and of what has not.
// Redis is asked at one instant, so that nothing is there twice or missing.
func (t *Tally) Sums(ctx context.Context, subject string, month time.Time) ([]Sum, error) {
	month = monthOf(month)
	minutes, err := t.minutes(ctx, []string{subject}, month.AddDate(100, 0, 0))
	if err != nil {
		return nil, err
	}
	pipe := t.store.redis.TxPipeline() // all keys are in one slot
	collected := pipe.HGetAll(ctx, t.sumsKey(subject, month))
	open := make([]*redis.StringSliceCmd, 0, len(minutes[subject]))
	for _, at := range minutes[subject] {
		open = append(open, pipe.HVals(ctx, t.openKey(subject, at)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("sums of "+t.name, err)
	}
	var sums []Sum
	for field, text := range collected.Val() {
		day, err1 := strconv.ParseInt(field[:len(field)-1], 10, 64)
		count, err2 := strconv.Atoi(text)
		if err1 != nil || err2 != nil {
			return nil, failed("sums of "+t.name, errReply)
		}
		sums = append(sums, Sum{Day: time.Unix(day*secondsOfDay, 0).UTC(), Word: field[len(field)-1], Count: count})
	}
	for _, minute := range open {
		for _, held := range minute.Val() {
			sums = append(sums, stepsIn(held, month)...)
		}
	}
	return sums, nil
}

// stepsIn are the steps of one thing that began in a month.
func stepsIn(held string, month time.Time) (steps []Sum) {
	words, over := wordsOf(held)
	for i, word := range words {
		began, err := strconv.ParseInt(held[i*stepLength:(i+1)*stepLength-1], 10, 64)
		day := time.UnixMilli(began).UTC().Truncate(24 * time.Hour)
		if err == nil && word != 0 && monthOf(day).Equal(month) {
			steps = append(steps, Sum{Day: day, Word: word, Count: 1, Open: !over && i == len(words)-1})
		}
	}
	return steps
}

// registerScript: ARGV is now (Unix time), before when nobody counts any more, how long all
// is kept (ms), and the subjects.
const registerScript = `
for i = 4, #ARGV do redis.call('ZADD', KEYS[1], ARGV[1], ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('ZRANGE', KEYS[1], 0, -1)`

// Register says which subjects there are now. It returns all that there have been for as
// long as sums are kept.
func (t *Tally) Register(ctx context.Context, now time.Time, subjects []string) ([]string, error) {
	args := make([]any, 0, 3+len(subjects))
	args = append(args, now.Unix(), now.Add(-sumsLife).Unix(), sumsLife.Milliseconds())
	for _, subject := range subjects {
		args = append(args, subject)
	}
	command, err := t.store.askTwice(ctx, registerScript, []string{t.store.key("tally-subjects", t.name)}, args...)
	if err != nil {
		return nil, unavailable("register in "+t.name, err)
	}
	all, err := command.StringSlice()
	if err != nil {
		return nil, failed("register in "+t.name, errReply)
	}
	return all, nil
}

// Subjects are all that there have been for as long as sums are kept.
func (t *Tally) Subjects(ctx context.Context) ([]string, error) {
	all, err := t.store.redis.ZRange(ctx, t.store.key("tally-subjects", t.name), 0, -1).Result()
	if err != nil {
		return nil, unavailable("subjects of "+t.name, err)
	}
	return all, nil
}

// openScript counts the things of some minutes that nobody has said to be over.
const openScript = `
local n = 0
for i = 1, #KEYS do
  local over = redis.call('HGET', KEYS[i], '.')
  n = n + redis.call('HLEN', KEYS[i]) - (over and over + 1 or 0)
end
return n`

// Open is how many things nobody has said to be over, that are due later than after, and at
// most so much later.
func (t *Tally) Open(ctx context.Context, subjects map[string]time.Duration, after time.Time) (int, error) {
	if len(subjects) == 0 {
		return 0, nil
	}
	pipe := t.store.redis.Pipeline()
	replies := make([]*redis.Cmd, 0, len(subjects))
	for subject, later := range subjects {
		var keys []string
		for at := minute(after) + 1; at <= minute(after.Add(later)); at++ {
			keys = append(keys, t.openKey(subject, at))
		}
		replies = append(replies, pipe.Eval(ctx, openScript, keys))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, unavailable("what is open of "+t.name, err)
	}
	open := 0
	for _, reply := range replies {
		n, err := reply.Int()
		if err != nil {
			return 0, failed("what is open of "+t.name, errReply)
		}
		open += n
	}
	return open, nil
}
