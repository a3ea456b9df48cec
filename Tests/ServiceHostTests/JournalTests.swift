import Glibc
import JSON
import Logging
import Synchronization
import Testing

@testable import ServiceHost

@Suite struct JournalTests {
    private func entry(
        _ message: Logger.Message, _ metadata: Logger.Metadata = [:],
        level: Logger.Level = .notice
    ) throws -> LogEntry {
        let taken = Mutex<LogEntry?>(nil)
        let logger = Logger(label: "test") { _ in
            ServiceLogHandler(
                service: "kassa-test", level: .trace,
                entries: { entry in taken.withLock { $0 = entry } })
        }
        logger.log(level: level, message, metadata: metadata)
        let entry = taken.withLock { $0 }
        return try #require(entry)
    }

    @Test func `an entry is a line to read, and a field for each member`() throws {
        let entry = try entry(
            "Message parked", ["message_id": "42", "queue": "order_created"], level: .error)
        #expect(
            String(decoding: Journal.datagram(entry), as: UTF8.self) == """
                MESSAGE=Message parked  [message_id=42 queue=order_created]
                PRIORITY=3
                SYSLOG_IDENTIFIER=kassa-test
                KASSA_MESSAGE_ID=42
                KASSA_QUEUE=order_created

                """)
    }

    @Test func `a value with line feeds is told by its length, and forges no field`() throws {
        let entry = try entry("a\nPRIORITY=0")
        let length = [UInt8](arrayLiteral: 12, 0, 0, 0, 0, 0, 0, 0)
        let expected =
            Array("MESSAGE\n".utf8) + length + Array("a\nPRIORITY=0\n".utf8)
            + Array("PRIORITY=5\nSYSLOG_IDENTIFIER=kassa-test\n".utf8)
        #expect(Journal.datagram(entry) == expected)
    }

    @Test func `a member's name becomes a field's name, whatever it is`() throws {
        let name = String(repeating: "é", count: 100)
        let text = String(decoding: Journal.datagram(try entry("x", [name: "1"])), as: UTF8.self)
        #expect(text.contains("\nKASSA_" + String(repeating: "_", count: 58) + "=1\n"))
    }

    @Test func `standard error that leads elsewhere, or no journal, leaves lines of JSON`() throws {
        #expect(Journal(stream: nil, path: "/nowhere") == nil)
        #expect(Journal(stream: "1:1", path: "/nowhere") == nil)
        #expect(Journal(path: "/nowhere") == nil)
    }
}
