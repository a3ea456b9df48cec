import ArgumentParser

/// The command line.
struct Kassa: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa",
        abstract: "Watch and run a shop's orders and payments from a terminal.",
        discussion: """
            Without a command it shows the dashboard; press ? there for its keys.

            EXAMPLES
              kassa                                       the dashboard
              kassa account create alice
              kassa account deposit alice 100.50
              kassa order place alice 42.50 tea --wait    until PAID or FAILED
              kassa order watch                           orders as they change
              kassa dashboard --once                      one picture of it, as text
              kassa order list --status FAILED --json
              kassa audit                                 do the books balance?
              kassa trace ORDER                           its life, step by step
              kassa parked list                           messages that wait for a decision

            ENVIRONMENT AND FILES
              GATEWAY_URL    the gateway, unless --gateway names it
              GATEWAY_TOKEN_FILE, GATEWAY_CA_FILE
                             unless --token-file and --ca-file name them
              NO_COLOR       no colours in the dashboard
              $XDG_CONFIG_HOME/kassa/config.json
                             gateway, token_file, ca_file, interval, theme,
                             ascii, mouse, readonly: defaults of the options
              $XDG_STATE_HOME/kassa/
                             what the dashboard remembers, and its log

            \(ExitReason.help)

            Shell completion: kassa --generate-completion-script bash (or zsh, fish).
            """,
        version: "kassa 0.1",
        subcommands: [
            Dashboard.self, AccountCommand.self, OrderCommand.self, StatusCommand.self,
            AuditCommand.self, TraceCommand.self, ParkedCommand.self, LoadCommand.self,
            TokenCommand.self,
        ],
        defaultSubcommand: Dashboard.self)
}
