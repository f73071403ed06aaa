package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
)

func (p *process) explainSubjectCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "explain --client ID",
		Short: "say by which sub a client knows the person of CM's userId, read from standard input",
		Long: "Say by which sub a client knows a person. CM's userId is read from standard input and not from an argument,\n" +
			"since it is personal data, and arguments stand in the shell's history and in the list of processes.",
		Example: examples("itsme-bridge subject explain --client example --config config.yaml < userid.txt"),
		Args:    takes(),
	}
	file := p.configFlag(c)
	id := c.Flags().String("client", "", "the client's `ID`")
	p.jsonFlag(c)
	_ = c.RegisterFlagCompletionFunc("client", file.completeClients) // the flag is there
	c.RunE = func(*cobra.Command, []string) error {
		if *id == "" {
			return misuseError{"--client is missing: say whose sub"}
		}
		settings, path, err := file.load()
		if err != nil {
			return err
		}
		one, err := clientOf(settings, path, *id)
		if err != nil {
			return err
		}
		userID, err := p.readUserID()
		if err != nil {
			return err
		}
		p.sayFacts([]fact{
			{"client_id", "client id", []string{one.ID}},
			{"subject_type", "subject type", []string{kindOfSubject(one)}},
			{"sub", "sub", []string{claims.Subject([]byte(settings.Salt.Reveal()), &one.Terms, userID)}},
		})
		return nil
	}
	return c
}

func kindOfSubject(c *client.Client) string {
	if c.Subject == client.Public {
		return "public: CM's own userId"
	}
	return fmt.Sprintf("pairwise, made for the sector %s with this deployment's salt", c.Sector)
}

// longestUserID is far more than any that CM has been seen to give.
const longestUserID = 1024

// readUserID reads the one line of standard input. No error repeats it.
func (p *process) readUserID() (string, error) {
	text, err := io.ReadAll(io.LimitReader(p.stdin, longestUserID+1))
	if err != nil {
		return "", err
	}
	userID := strings.TrimRight(string(text), "\r\n")
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
	switch {
	case userID == "":
		return "", misuseError{"standard input is empty; write CM's userId there"}
	case len(text) > longestUserID || strings.ContainsFunc(userID, unicode.IsControl):
		return "", errors.New("standard input is not one userId: it has more than one line, or is too long")
	case !utf8.ValidString(userID) || strings.ContainsFunc(userID, blank):
		return "", errors.New("standard input is not one userId: it has a blank or a sign that is not text, which would make another sub; write the userId alone")
	}
	return userID, nil
}
