package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/ledger"
)

// usageColumn is one of the numbers of usage. Names and order are those of --csv and --json.
type usageColumn struct{ name, means string }

const (
	usageStarted = "started"
	usageOpen    = "open"
)

// usageColumns are all there are.
func usageColumns() []usageColumn {
	return []usageColumn{
		{usageStarted, "CM has certainly made so many transactions; they are the sum of all that follows, up to open"},
		{ledger.OfSuccess, "somebody approved, and the client got its answer"},
		{ledger.OfWrongPerson, "somebody approved who was not the one that the client asked for"},
		{ledger.OfNoData, "CM called it a success, and gave no identity"},
		{ledger.OfCancelled, "the person cancelled in the app"},
		{ledger.OfFailed, "CM said that it failed, or a word that nobody knows"},
		{ledger.OfExpired, "nobody approved in time, and the person came back to hear it"},
		{ledger.Unavailable, "the person came back, and CM gave no answer about it to the last"},
		{ledger.OfRefused, "the person came back, and CM refused to tell"},
		{ledger.OfLeft, "the person went back to the application before anything was decided"},
		{ledger.Abandoned, "nobody came back, or nothing was decided when they last did"},
		{usageOpen, "not decided yet; a bridge that runs decides it a quarter of an hour after its login's deadline, at the latest"},
		{ledger.InDoubt, "CM was asked for a transaction, and nobody knows whether it made one: no answer, an error of its\n" +
			"own, or a bridge that was killed at that moment. They are not among started"},
		{ledger.NotStarted, "CM was not reached, or refused what we sent: no transaction. They are not among started"},
	}
}

func usageHelp() string {
	var text strings.Builder
	text.WriteString(`Count CM's transactions of a month, by client and day, and what became of each, to hold an invoice against it.

A transaction counts on the day on which CM was asked for it, in UTC, and so does its end: the columns of a day
add up. Every attempt of a login is a transaction of its own. Counts are kept for thirteen months, in Redis and
for all replicas together, and know no person. The columns, which --csv and --json name like this:

`)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, column := range usageColumns() {
		fmt.Fprintf(table, "  %s\t%s\n", column.name, strings.ReplaceAll(column.means, "\n", "\n\t"))
	}
	_ = table.Flush() // into memory
	text.WriteString(`
The invoice must lie between started, and started and in_doubt together, if CM bills what it has made. If it bills
approvals only, look at success, wrong_person and no_data. A table leaves out what is 0 everywhere; --csv (a row for
each client and day: client, day, and the columns) and --json (month; clients, each with client, total and days;
total) do not.

What these numbers cannot know: what CM counts on another day or month than UTC's; what was started before the
bridge kept these counts, or by a replica of such a version; what a Redis has forgotten that was restored from a
backup or failed over (the last second or so); and, in a Cluster, what a node was not told while it was away
(the metric itsme_bridge_uncounted_total).`)
	return text.String()
}

// usageFlags are what usage is asked for.
type usageFlags struct {
	month, client string
	csv           bool
}

func (p *process) usageCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "usage --config FILE [--month YYYY-MM] [--client ID] [--csv | --json]",
		Short: "count CM's transactions of a month, and what became of them",
		Long:  usageHelp(),
		Example: examples("itsme-bridge usage --config config.yaml",
			"itsme-bridge usage --config config.yaml --client example --csv"),
		Args: takes(),
	}
	at := p.configFlag(c)
	p.jsonFlag(c)
	var asked usageFlags
	c.Flags().StringVar(&asked.month, "month", "", "which `MONTH`, such as 2026-11; without it, this one")
	c.Flags().StringVar(&asked.client, "client", "", "of one client only, by its `ID`")
	_ = c.RegisterFlagCompletionFunc("client", at.completeClients) // the flag is there
	_ = c.RegisterFlagCompletionFunc("month", p.completeMonths)    // and so is this one
	c.Flags().BoolVar(&asked.csv, "csv", false, "print comma-separated values (RFC 4180) instead")
	c.RunE = func(c *cobra.Command, _ []string) error { return p.usage(c.Context(), at, asked) }
	return c
}

// completeMonths are those that are kept, the newest first.
func (p *process) completeMonths(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var months []cobra.Completion
	now := p.now()
	for month := monthOf(now); !month.Before(ledger.OldestMonth(now)); month = month.AddDate(0, -1, 0) {
		months = append(months, month.Format(monthFormat))
	}
	return months, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

const monthFormat = "2006-01"

func monthOf(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// readMonth reads a month that counts are kept of.
func readMonth(text string, now time.Time) (time.Time, error) {
	this, oldest := monthOf(now), ledger.OldestMonth(now)
	if text == "" {
		return this, nil
	}
	month, err := time.Parse(monthFormat, text)
	switch {
	case err != nil:
		return month, misuseError{fmt.Sprintf("--month is %q; write a year and a month, such as %s", text, this.Format(monthFormat))}
	case month.After(this):
		return month, misuseError{fmt.Sprintf("--month is %s, which is still to come; this month is %s, in UTC", text, this.Format(monthFormat))}
	case month.Before(oldest):
		return month, misuseError{fmt.Sprintf("--month is %s, and counts are kept for thirteen months; the oldest are of %s", text, oldest.Format(monthFormat))}
	}
	return month, nil
}

// usage shows the transactions of a month.
func (p *process) usage(ctx context.Context, at *file, asked usageFlags) error {
	if asked.csv && p.json {
		return misuseError{"write either --csv or --json"}
	}
	month, err := readMonth(asked.month, p.now())
	if err != nil {
		return err
	}
	settings, path, err := at.load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 4*redisPatience) // of every client
	defer cancel()
	all, err := app.Usage(ctx, settings, month, p.now)
	if err != nil {
		return err
	}
	if asked.client != "" {
		all = slices.DeleteFunc(all, func(u ledger.Usage) bool { return u.Client != asked.client })
		known := slices.ContainsFunc([]client.Client(settings.Clients), func(c client.Client) bool { return c.ID == asked.client })
		if len(all) == 0 && !known {
			return fmt.Errorf("%s has no client %q, and nothing is counted of one in %s", path, asked.client, month.Format(monthFormat))
		}
	}
	if asked.csv {
		return p.usageCSV(all)
	}
	p.say(usageDocumentOf(month, all), func(w io.Writer) { usageWords(w, month, all) })
	return nil
}

// usageOf is one of the numbers of a day.
func usageOf(d *ledger.Day, column string) int {
	switch column {
	case usageStarted:
		return d.Started
	case usageOpen:
		return d.Open
	default:
		return d.Ends[column]
	}
}

const dayFormat = "2006-01-02"

func (p *process) usageCSV(all []ledger.Usage) error {
	p.answered = true
	w := csv.NewWriter(p.stdout)
	head := []string{"client", "day"}
	for _, column := range usageColumns() {
		head = append(head, column.name)
	}
	_ = w.Write(head) // Error tells
	for _, u := range all {
		for _, d := range u.Days {
			row := []string{u.Client, d.Date.Format(dayFormat)}
			for _, column := range usageColumns() {
				row = append(row, strconv.Itoa(usageOf(&d, column.name)))
			}
			_ = w.Write(row)
		}
	}
	w.Flush()
	return w.Error()
}

// usageDocument is what --json prints.
type usageDocument struct {
	Month   string         `json:"month"`
	Clients []usageClient  `json:"clients"`
	Total   map[string]int `json:"total"`
}

type usageClient struct {
	Client string         `json:"client"`
	Total  map[string]int `json:"total"`
	Days   []usageDay     `json:"days"`
}

type usageDay struct {
	Day    string         `json:"day"`
	Counts map[string]int `json:"counts"`
}

func usageDocumentOf(month time.Time, all []ledger.Usage) usageDocument {
	document := usageDocument{month.Format(monthFormat), make([]usageClient, 0), usageNumbers(totalOf(all))}
	for _, u := range all {
		of := usageClient{u.Client, usageNumbers(ledger.Total(u.Days)), make([]usageDay, 0)}
		for _, d := range u.Days {
			of.Days = append(of.Days, usageDay{d.Date.Format(dayFormat), usageNumbers(d)})
		}
		document.Clients = append(document.Clients, of)
	}
	return document
}

func usageNumbers(d ledger.Day) map[string]int {
	numbers := map[string]int{}
	for _, column := range usageColumns() {
		numbers[column.name] = usageOf(&d, column.name)
	}
	return numbers
}

// totalOf adds all clients up.
func totalOf(all []ledger.Usage) ledger.Day {
	var days []ledger.Day
	for _, u := range all {
		days = append(days, u.Days...)
	}
	return ledger.Total(days)
}

// usageWords prints a table for each client, and what it comes to.
func usageWords(w io.Writer, month time.Time, all []ledger.Usage) {
	if len(all) == 0 {
		fmt.Fprintf(w, "%s: no transaction is counted\n", month.Format(monthFormat))
		return
	}
	fmt.Fprintf(w, "%s, by days in UTC: CM's transactions that began then, and what became of them\n", month.Format(monthFormat))
	total := totalOf(all)
	columns := slices.DeleteFunc(usageColumns(), func(c usageColumn) bool {
		return c.name != usageStarted && usageOf(&total, c.name) == 0
	})
	for _, u := range all {
		fmt.Fprintf(w, "\nclient %s\n", u.Client)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprint(table, "day\t")
		for _, column := range columns {
			fmt.Fprintf(table, "%s\t", column.name)
		}
		fmt.Fprintln(table)
		for _, d := range u.Days {
			usageRow(table, d.Date.Format(dayFormat), &d, columns)
		}
		sum := ledger.Total(u.Days)
		usageRow(table, "total", &sum, columns)
		_ = table.Flush() // as good as the writer below it
	}
	fmt.Fprintf(w, "\n%s\n", usageSummary(&total))
}

func usageRow(w io.Writer, name string, d *ledger.Day, columns []usageColumn) {
	fmt.Fprintf(w, "%s\t", name)
	for _, column := range columns {
		fmt.Fprintf(w, "%d\t", usageOf(d, column.name))
	}
	fmt.Fprintln(w)
}

// usageSummary says what all comes to.
func usageSummary(total *ledger.Day) string {
	texts := []string{"all clients: " + number(total.Started, "transaction") + " started"}
	for _, name := range []string{ledger.OfSuccess, ledger.OfCancelled, ledger.Abandoned} {
		share := 100 * float64(usageOf(total, name)) / float64(cmp.Or(total.Started, 1))
		texts = append(texts, fmt.Sprintf("%.1f %% %s", share, name))
	}
	text := strings.Join(texts, ", ")
	if doubt := total.Ends[ledger.InDoubt]; doubt > 0 {
		text += fmt.Sprintf("; nobody knows of %d more whether CM made them, so that an invoice for what was started is right between %d and %d",
			doubt, total.Started, total.Started+doubt)
	}
	if total.Open > 0 {
		text += fmt.Sprintf("; of %d it is not decided yet what becomes of them", total.Open)
	}
	return text
}
