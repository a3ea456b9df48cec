import Access
import Foundation
import Logging
import ServiceHost
import Synchronization
import Testing

@Suite struct DoorSecurityTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "kassa-tokens-\(UUID().uuidString)").path(percentEncoded: false)

    private func write(_ text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func line(_ name: String, _ token: String) -> String {
        "\(name) operator \(TokenDigest(of: token).hexadecimal)\n"
    }

    private func isKnown(_ token: String, at security: DoorSecurity) -> Bool {
        let shown = Credentials(authorization: "Bearer \(token)")
        return (try? security.access.identify(shown).get()) != nil
    }

    @Test func `a new tokens file counts once it was read, a broken one changes nothing`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(line("ada", "one"))
        let security = try DoorSecurity(tokensFile: path)
        let log = RecordedLog()
        let reloading = Reloading(
            security.reloads, logger: log.logger, notifier: ServiceNotifier(path: nil))
        try write(line("ada", "two"))
        #expect(isKnown("one", at: security) && !isKnown("two", at: security))
        await reloading.reload()
        #expect(!isKnown("one", at: security) && isKnown("two", at: security))
        #expect(log.lines == ["notice: read anew"])
        for broken in ["", "ada operator", "ada admin \(TokenDigest(of: "x").hexadecimal)"] {
            try write(broken)
            await reloading.reload()
            #expect(isKnown("two", at: security))
            #expect(log.lines.last == "error: not read anew, what was there before holds")
        }
        try FileManager.default.removeItem(atPath: path)
        await reloading.reload()
        #expect(isKnown("two", at: security))
    }

    @Test func `what comes behind something broken is read all the same`() async {
        struct Broken: Error {}
        let count = Mutex(0)
        let log = RecordedLog()
        await Reloading(
            [
                Reload("broken") { throw Broken() },
                Reload("whole") { count.withLock { $0 += 1 } },
            ], logger: log.logger, notifier: ServiceNotifier(path: nil)
        ).reload()
        #expect(count.withLock(\.self) == 1)
        #expect(log.lines.count == 2)
    }

    @Test func `a file that cannot be used ends the start, with its reason`() throws {
        #expect(throws: ConfigurationFault.self) { try DoorSecurity(tokensFile: path) }
        try write("nonsense")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let fault = #expect(throws: ConfigurationFault.self) { try DoorSecurity(tokensFile: path) }
        #expect(fault?.description.contains("line 1") == true)
        #expect(throws: ConfigurationFault.self) { try DoorSecurity(certificateFile: path) }
        #expect(throws: ConfigurationFault.self) {
            try DoorSecurity(certificateFile: path, keyFile: path)
        }
    }

    @Test func `that nobody is asked for a token is said loudly, once`() throws {
        let log = RecordedLog()
        try DoorSecurity().announce(log.logger)
        #expect(log.lines.count == 1)
        #expect(log.lines[0].hasPrefix("warning: no tokens"))
        try write(line("ada", "one"))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try DoorSecurity(tokensFile: path).announce(log.logger)
        #expect(log.lines.count == 1)
    }
}

/// Level and message of each line.
final class RecordedLog: Sendable {
    private let written = Mutex<[String]>([])

    var lines: [String] { written.withLock(\.self) }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel = Logger.Level.trace
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.written.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }
}
