package main

import (
	"fmt"
	"os"
	"strings"
)

// record writes into a row's table which test notices its mistake.
func record(r row, by kill) error {
	text, err := os.ReadFile(r.table)
	if err != nil {
		return err
	}
	blocks := strings.Split(string(text), "\n\n")
	for i, block := range blocks {
		if !strings.Contains("\n"+block+"\n", "\nid "+r.id+" ") {
			continue
		}
		var lines []string
		for line := range strings.SplitSeq(block, "\n") {
			if strings.HasPrefix(line, "kill ") {
				continue
			}
			lines = append(lines, line)
			if strings.HasPrefix(line, "why ") {
				lines = append(lines, fmt.Sprintf("kill %s %s", by.home, by.test))
			}
		}
		blocks[i] = strings.Join(lines, "\n")
		return os.WriteFile(r.table, []byte(strings.Join(blocks, "\n\n")), 0o600)
	}
	return fmt.Errorf("%s: has no row %s", r.table, r.id)
}
