// Package chaos breaks what stands around real processes of itsme-bridge while people
// log in at a steady rate, and counts what becomes of each login. Its tests have the build
// tag chaos; `make chaos` sets it and prints the table.
//
//	table_test.go      the rows, how each is run, and the table
//	load_test.go       logins at a steady rate, and what became of them
//	person_test.go     a person: a browser, the itsme app; page_test.go: what a page leads to
//	client_test.go     the client that they log in to
//	world_test.go      the replicas of the bridge, and what they stand on
//	balancer_test.go   the load balancer before the replicas
//	cm_test.go         CM: the simulator, with a person for each transaction, and faults
//	redis_test.go      redis-server as a process that can be killed, paused and restarted
//	witness_test.go    what a Redis has forgotten that it had answered for
//
// What is not a row of the one table has a test and a table of its own:
//
//	step_test.go       kill -9 at every call of a login
//	gates_test.go      people who come while CM does not answer; atonce_test.go: many who come back at once
//	tabs_test.go       two tabs of one login at two replicas
//	answers_test.go    how often Redis is sent what it has carried out already
//	soak_test.go       what a replica and Redis have in use after many logins
//	harness_test.go    logins that are lost or wrong are counted so
//
// Of each login one of these is true in the end:
//
//	completed   the person approved once, and the client knows them by an ID token and by userinfo
//	led on      something led them on after an approval that came to nothing, and they then completed
//	lost        they were left with nothing that leads on, or nothing that it led to worked once the fault was over
//	wrong       the client was told of anybody else
//
// Lost and wrong must be 0 in every row.
package chaos
