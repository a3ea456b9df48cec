import ArgumentParser
import Foundation
import Glibc
import LocalStack

/// `demo`: something to watch.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Keep accounts, deposits and orders coming until Ctrl-C; some orders fail on purpose.")

    @OptionGroup var location: FolderOption

    @Option(help: "The gateway; that of the running stack when absent.")
    var gateway: String?

    @Option(help: "Happenings a second, at most 50.")
    var rate = 3.0

    func validate() throws {
        guard rate > 0, rate <= 50 else {
            throw ValidationError("--rate is above 0 and at most 50")
        }
    }

    func run() async throws {
        let address = try gateway ?? location.liveState().addresses.gateway ?? ""
        guard let url = URL(string: address), url.scheme != nil else {
            throw Failure("'\(address)' is no gateway address")
        }
        // What is on this machine is not asked through a proxy; before the client exists, which
        // reads this once.
        if gateway == nil { setenv("no_proxy", "127.0.0.1", 1) }
        let shop = DemoShop(GatewayClient(base: url))
        say("A shop at \(address), until Ctrl-C")
        let signals = Interruption.signals()
        await withTaskGroup { group in
            group.addTask { await shop.trade(rate: rate) }
            group.addTask { await shop.watchOrders() }
            group.addTask { for await _ in signals { break } }
            await group.next()
            group.cancelAll()
        }
        say(await shop.summary)
    }
}
