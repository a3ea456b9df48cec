import ArgumentParser
import JSON
import KassaClient
import KassaModel
import SharedKernel
import Testing

@testable import KassaApp

struct CommandLineTests {
    @Test func `kassa alone is the dashboard`() throws {
        let dashboard = try #require(try Kassa.parseAsRoot([]) as? Dashboard)
        #expect(!dashboard.once && !dashboard.readonly && dashboard.interval == nil)
        let named = try Kassa.parseAsRoot(["--readonly", "--interval", "0.5", "--theme", "light"])
        let chosen = try #require(named as? Dashboard)
        var settings = Settings(gateway: "g", theme: .mono, interval: 5_000)
        chosen.choose(&settings)
        #expect(settings.isReadOnly && settings.interval == 500 && settings.theme == .light)
        #expect(settings.hasMouse && settings.glyphs == .utf8)
    }

    @Test(arguments: [
        ["account", "deposit", "ada", "0"], ["account", "deposit", "ada", "1.001"],
        ["order", "place", "ada", "1e11"], ["order", "place", "ada", "1", "--timeout", "0"],
        ["order", "list", "--status", "DONE"], ["order", "list", "--limit", "0"],
        ["dashboard", "--interval", "0.3"], ["dashboard", "--size", "0x10"], ["frob"],
        ["account", "create"], ["dashboard", "--theme", "pink"],
    ])
    func `a wrong command line is refused before anything is sent`(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Kassa.parseAsRoot(arguments) }
        #expect(error.map { Kassa.exitCode(for: $0) } == .validationFailure)
    }

    @Test func `a description needs no quotes`() throws {
        let command = try Kassa.parseAsRoot(["order", "place", "ada", "4.25e1", "green", "tea"])
        let place = try #require(command as? OrderCommand.Place)
        #expect(place.description == ["green", "tea"])
        #expect(place.amount.description == "42.50")
    }

    @Test func `help lists every exit code and every member of the configuration`() {
        let help = Kassa.helpMessage(columns: 100)
        for code in [0, 1, 2, 3, 4, 5, 6, 7, 64] { #expect(help.contains("\n  \(code) ")) }
        for name in ["gateway", "token_file", "interval", "theme", "ascii", "mouse", "readonly"] {
            #expect(help.contains(name))
        }
        for line in Kassa.helpMessage(columns: 80).split(separator: "\n") {
            #expect(line.count <= 80)
        }
    }

    @Test(arguments: [
        (CallFailure(.refused, "no", status: 404), ExitReason.refused),
        (CallFailure(.unreachable, "x"), .gatewayTrouble),
        (CallFailure(.timedOut, "x"), .gatewayTrouble),
        (CallFailure(.timedOut, "x", isOutcomeUnknown: true), .outcomeUnknown),
        (CallFailure(.serverTrouble, "x", status: 503, isOutcomeUnknown: true), .outcomeUnknown),
        (CallFailure(.nonsense, "x"), .gatewayTrouble),
    ])
    func `each failure has its exit code and one line of advice`(
        failure: CallFailure, reason: ExitReason
    ) {
        #expect(ExitReason(failure) == reason)
        #expect(!failure.advice.contains("\n") && failure.advice.hasPrefix(failure.message))
    }

    @Test func `columns are as wide as what stands in them, in columns of the terminal`() {
        var columns = Columns(.init(title: "USER"), .init(title: "N", isNumber: true))
        columns.add("日本", "1.00")
        columns.add("ada", "12.00")
        #expect(columns.lines == ["USER      N", "日本   1.00", "ada   12.00"])
    }

    @Test func `JSON is laid out for reading`() throws {
        let value = try JSONValue(parsing: Array(#"{"a":[1,{"b":"\u001b"}],"c":{},"d":[]}"#.utf8))
        #expect(
            value.indented() == """
                {
                  "a": [
                    1,
                    {
                      "b": "\\u001b"
                    }
                  ],
                  "c": {},
                  "d": []
                }
                """)
    }
}
