package doctor

// Rows are the id and the title of each check, in their order.
func Rows() (rows [][2]string) {
	for _, c := range table() {
		rows = append(rows, [2]string{c.id, c.title})
	}
	return rows
}
