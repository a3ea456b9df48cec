import Foundation
import LocalStack
import TestShop
import TestSupport
import Testing

/// The alerts of deploy/prometheus: an expression over a metric that nobody exports never rings,
/// and nobody is told.
@Suite struct AlertTests {
    @Test func `every series that an alert asks for is exported by a daemon`() async throws {
        let asked = try Self.selectors(in: String(contentsOf: Alerts.rules, encoding: .utf8))
        #expect(asked.count > 10)
        let shop = try await Shop.open()
        // The call over gRPC brings the metrics of that door, which come with their first call.
        _ = try await shop.settled(shop.place("nobody", "1", path: "/grpc/orders"))
        var exported = Set<Selector>()
        for daemon in Shop.Daemon.allCases {
            for line in try await shop.metrics(of: daemon) {
                exported.formUnion(Self.selectors(in: String(line)))
            }
        }
        await shop.close()
        let missing = asked.filter { selector in
            !exported.contains {
                $0.metric == selector.metric && $0.labels.isSuperset(of: selector.labels)
            }
        }
        #expect(missing == [])
        #expect(
            Self.selectors(in: #"rate(kassa_a_total{b=~"x{2}", c="y"}[5m]) > kassa_d"#)
                == [
                    Selector(metric: "kassa_a_total", labels: ["b", "c"]),
                    Selector(metric: "kassa_d", labels: []),
                ])
    }

    @Test func `the page of operations has a line for every alert`() throws {
        let names = try String(contentsOf: Alerts.rules, encoding: .utf8)
            .matches(of: /alert: (Kassa[A-Za-z]+)/).map { String($0.1) }
        #expect(names.count > 10)
        let page = try String(contentsOf: Alerts.page, encoding: .utf8)
        #expect(names.filter { !page.contains("| `\($0)` |") } == [])
    }

    @Test(
        .enabled(
            if: Alerts.promtool != nil, "apt-get install prometheus brings promtool, to check them")
    )
    func `promtool takes the alerts, and each rings when it should and is silent when not`()
        async throws
    {
        let promtool = try #require(Alerts.promtool)
        for check in [
            ["check", "rules", Alerts.rules.path], ["test", "rules", Alerts.tests.path],
        ] {
            let said = try await Command(promtool, check).runOrThrow(within: .seconds(60))
            #expect(said.contains("SUCCESS"))
        }
    }

    private struct Selector: Hashable {
        let metric: String
        let labels: Set<String>
    }

    /// The metrics of Kassa that an expression or an exported line names, with the labels it gives.
    private static func selectors(in text: String) -> Set<Selector> {
        Set(
            text.matches(of: /\b(kassa_[a-z_]+)(?:\{((?:[a-z]+=~?"[^"]*",? ?)*)\})?/).map { match in
                let labels = (match.2 ?? "").matches(of: /([a-z]+)=~?"[^"]*"/)
                return Selector(metric: String(match.1), labels: Set(labels.map { String($0.1) }))
            })
    }
}

private enum Alerts {
    static let rules = file("deploy/prometheus/kassa.rules.yaml")
    static let tests = file("deploy/prometheus/kassa.rules.test.yaml")
    static let page = file("docs/operations.md")
    static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
        .first(where: FileManager.default.isExecutableFile)

    private static func file(_ path: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
            .standardizedFileURL
    }
}
