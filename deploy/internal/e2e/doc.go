// Package e2e runs a real product against the real itsme-bridge, with a real Redis, a
// real browser, and CM's simulator. Its files have the build tag products; `make e2e`
// sets it.
//
//	w := e2e.Start(t)
//	c := w.NewClient("--for", "dex", "--url", product)
//	p := e2e.Run(t, "dex", exec.Command(e2e.Tool(t, "dex")+"/dex", "serve", c.File("dex.yaml")))
//	p.Until(product)
//	b := w.Browser()
//	b.GoTo(product)
//	b.Approve()
//	w.Saw(itsme.Success)
//
// world.go puts it together, bridge.go is the bridge and its configuration, client.go
// an entry of it, process.go anything that runs, tool.go what is downloaded.
//
// Of a product that cannot run here, a Player does what its documentation says, with
// the settings that its own file has:
//
//	var r resource // with the arguments of the product's Terraform provider
//	c.Terraform("okta.tf", "okta_idp_oidc", &r)
//	e2e.Player{Issuer: r.Issuer, ClientID: r.ClientID, …}.Play(t, w)
//
// player.go is the product, key.go the key that it may have, person.go who logs in
// there, files.go reads the file.
//
// All is on loopback, and ends with its test; what runs ends even where the test is killed.
package e2e
