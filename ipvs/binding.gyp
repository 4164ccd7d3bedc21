{
  "targets": [
    {
      "target_name": "ipvs_netlink",
      "sources": [
        "native/addon.c", "native/arguments.c", "native/descriptors.c", "native/socket.c", "native/batch.c",
        "native/interface.c", "native/process.c", "native/spawn.c", "native/signal.c", "native/timer.c",
        "native/privileges.c",
        "native/exchange.c", "native/exchange-calls.c", "native/exchange-harvest.c", "native/exchange-loop.c",
        "native/exchange-repeat.c", "native/exchange-tell.c", "native/exchange-tls.c", "native/tls-session.c",
        "native/connection.c", "native/listener.c", "native/listener-calls.c", "native/known-packets.c", "native/receive-pace.c", "native/repeats.c", "native/deadlines.c"
      ],
      "cflags": ["-O2", "-Wall", "-Wextra", "-Werror=implicit-function-declaration", "-fvisibility=hidden"],
    }
  ]
}
