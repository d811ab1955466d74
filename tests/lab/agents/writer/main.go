// Writes numbered lines to its output, then waits: what a pod does whose logs an agent ships.
//
// LINES is how many, PREFIX what each begins with, PAUSE the time between two of them.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	lines, err := strconv.Atoi(os.Getenv("LINES"))
	if err != nil {
		panic(err)
	}
	pause, _ := time.ParseDuration(os.Getenv("PAUSE"))
	prefix := os.Getenv("PREFIX")
	out := bufio.NewWriter(os.Stdout)
	for line := 1; line <= lines; line++ {
		fmt.Fprintf(out, "%s%d\n", prefix, line)
		if pause > 0 {
			out.Flush()
			time.Sleep(pause)
		}
	}
	out.Flush()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}
