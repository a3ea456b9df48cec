import CoreMetrics
import JSON
import Logging
import ServiceHost
import Synchronization
import Testing

@Suite struct ServiceLogHandlerTests {
    /// The lines that logging writes.
    private func lines(
        level: Logger.Level = .info, _ log: (inout Logger) -> Void
    ) throws -> [JSONValue] {
        let written = Mutex<[[UInt8]]>([])
        var logger = Logger(label: "test") { _ in
            ServiceLogHandler(service: "kassa-test", level: level) { line in
                written.withLock { $0.append(line) }
            }
        }
        log(&logger)
        return try written.withLock(\.self).map { line in
            try #require(line.last == UInt8(ascii: "\n"))
            return try JSONValue(parsing: Array(line.dropLast()))
        }
    }

    @Test func `a line is one JSON object with time, level, service and message`() throws {
        let line = try #require(
            try lines { $0.notice("listening", metadata: ["port": "8001"]) }.first)
        #expect(line["level"] == "notice")
        #expect(line["service"] == "kassa-test")
        #expect(line["msg"] == "listening")
        #expect(line["port"] == "8001")
        #expect(line["time"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `no text can forge a line or steer a terminal`() throws {
        let written = Mutex<[UInt8]>([])
        let logger = Logger(label: "test") { _ in
            ServiceLogHandler(service: "kassa-test", level: .info) { line in
                written.withLock { $0 += line }
            }
        }
        logger.info("a\n{\"level\":\"x\"}\u{1B}[2J\u{9B}", metadata: ["k\u{7}": "v\r\n\u{7F}"])
        let bytes = written.withLock(\.self)
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1)
        #expect(!bytes.dropLast().contains { $0 < 0x20 || $0 == 0x7F })
        #expect(!String(decoding: bytes, as: UTF8.self).unicodeScalars.contains("\u{9B}"))
    }

    @Test func `metadata of logger and event come together and cannot replace the line's own`()
        throws
    {
        let line = try #require(
            try lines { logger in
                logger[metadataKey: "request_id"] = "r1"
                logger.info("m", metadata: ["level": "fake", "list": ["a", ["k": "v"]]])
            }.first)
        #expect(line["request_id"] == "r1")
        #expect(line["level"] == "info")
        #expect(line["level_"] == "fake")
        #expect(line["list"] == ["a", ["k": "v"]])
    }

    @Test func `events below the level are not written`() throws {
        #expect(try lines(level: .warning) { $0.info("m") }.isEmpty)
    }
}

@Suite struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    private func lines(_ start: String) -> [String] {
        registry.prometheusText().split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(start) }
    }

    @Test func `counters end in _total and keep their labels apart`() {
        for (status, count) in [("200", 2), ("404", 1)] {
            Counter(label: "hits", dimensions: [("status", status)], factory: registry)
                .increment(by: count)
        }
        Counter(label: "hits", dimensions: [("status", "200")], factory: registry).increment()
        #expect(lines("# TYPE hits") == ["# TYPE hits_total counter"])
        #expect(
            lines("hits") == [#"hits_total{status="200"} 3"#, #"hits_total{status="404"} 1"#])
    }

    @Test func `gauges show the last value`() {
        let gauge = Gauge(label: "outbox.rows", factory: registry)
        gauge.record(5)
        gauge.record(2.5)
        #expect(lines("outbox_rows") == ["outbox_rows 2.5"])
    }

    @Test func `timers are histograms in seconds with cumulative buckets`() {
        let timer = CoreMetrics.Timer(label: "call", factory: registry)
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(300_000_000)
        timer.recordNanoseconds(60_000_000_000)
        let found = lines("call_seconds")
        #expect(found.contains(#"call_seconds_bucket{le="0.001"} 0"#))
        #expect(found.contains(#"call_seconds_bucket{le="0.0025"} 1"#))
        #expect(found.contains(#"call_seconds_bucket{le="0.5"} 2"#))
        #expect(found.contains(#"call_seconds_bucket{le="10"} 2"#))
        #expect(found.contains(#"call_seconds_bucket{le="+Inf"} 3"#))
        #expect(found.contains("call_seconds_count 3"))
        #expect(found.contains("call_seconds_sum 60.302"))
    }

    @Test func `recorders are histograms of plain numbers`() {
        Recorder(label: "batch", factory: registry).record(3)
        #expect(lines("batch_bucket").contains(#"batch_bucket{le="4"} 1"#))
        #expect(lines("batch_bucket").contains(#"batch_bucket{le="2"} 0"#))
    }

    @Test func `label values are escaped and names are made legal`() {
        Counter(label: "a-b.c", dimensions: [("l", "x\"\\\n")], factory: registry).increment()
        #expect(lines("a_b_c_total") == [#"a_b_c_total{l="x\"\\\n"} 1"#])
    }

    @Test func `label sets are bounded, and the rest is counted`() {
        for number in 0..<600 {
            Counter(label: "many", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(lines("many_total").count == 500)
        #expect(
            lines("kassa_metrics_dropped_series") == ["kassa_metrics_dropped_series_total 100"])
    }

    @Test func `a name keeps its first kind`() {
        Counter(label: "thing", factory: registry).increment()
        Gauge(label: "thing", factory: registry).record(9)
        #expect(lines("# TYPE thing").count == 1)
        #expect(lines("thing_total") == ["thing_total 1"])
    }
}
