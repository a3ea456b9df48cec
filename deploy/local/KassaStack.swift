import ArgumentParser

/// `kassa-stack`: Kassa on this machine, from one command.
@main
struct KassaStack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-stack",
        abstract:
            "Runs Kassa on this machine: PostgreSQL, RabbitMQ and the three daemons, on loopback.",
        discussion: """
            Everything lies in one folder (.kassa, or --dir): data, logs, passwords. Nothing needs \
            root; called by root, the servers run as an unprivileged account. Data stay until \
            'wipe'.

            To use servers of your own, set ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL or \
            BROKER_URL before 'up'.

            A first round:
              kassa-stack up
              eval "$(kassa-stack env)"
              curl -X POST "$GATEWAY_URL/accounts?user_id=alice"
              kassa-stack logs orders -f
              kassa-stack down

            The same with TLS and tokens:
              kassa-stack up --secure
              eval "$(kassa-stack env)"
              curl --cacert "$GATEWAY_CA_FILE" \
                -H "Authorization: Bearer $(cat "$GATEWAY_TOKEN_FILE")" "$GATEWAY_URL/orders"
            """,
        subcommands: [
            Up.self, Down.self, Status.self, Logs.self, Env.self, Wipe.self, Run.self, Demo.self,
            CertificatesCommand.self, Supervise.self,
        ])
}
