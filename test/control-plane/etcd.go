package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// newEtcdCommand is a single etcd member. Its flags are the subset of etcd's own that the tests pass, spelled
// the same, so that a stock etcd can take its place.
func newEtcdCommand() *cobra.Command {
	var dataDir, clientURL, peerURL string
	var unsafeNoFsync bool
	command := &cobra.Command{
		Use:           "etcd",
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			client, err := url.Parse(clientURL)
			if err != nil {
				return err
			}
			peer, err := url.Parse(peerURL)
			if err != nil {
				return err
			}
			config := embed.NewConfig()
			config.Dir = dataDir
			config.LogLevel = "error"
			config.UnsafeNoFsync = unsafeNoFsync
			config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
			config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
			config.InitialCluster = config.InitialClusterFromName(config.Name)
			server, err := embed.StartEtcd(config)
			if err != nil {
				return err
			}
			defer server.Close()
			stop := make(chan os.Signal, 1)
			signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
			select {
			case <-stop:
				return nil
			case err := <-server.Err():
				return fmt.Errorf("etcd stopped: %w", err)
			}
		},
	}
	flags := command.Flags()
	flags.StringVar(&dataDir, "data-dir", "", "folder of the member")
	flags.StringVar(&clientURL, "listen-client-urls", "http://127.0.0.1:2379", "where clients connect")
	flags.StringVar(&clientURL, "advertise-client-urls", "http://127.0.0.1:2379", "the same (one member needs no other)")
	flags.StringVar(&peerURL, "listen-peer-urls", "http://127.0.0.1:2380", "where peers would connect")
	flags.StringVar(&peerURL, "initial-advertise-peer-urls", "http://127.0.0.1:2380", "the same")
	flags.String("initial-cluster", "", "ignored: a member is its own cluster")
	flags.String("log-level", "error", "ignored")
	flags.BoolVar(&unsafeNoFsync, "unsafe-no-fsync", false, "do not wait for the disk: data is gone with the test anyway")
	return command
}
