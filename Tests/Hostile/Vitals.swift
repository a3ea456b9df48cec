import Foundation
import LocalStack
import TestShop
import TestSupport
import Testing

/// What a daemon is made of, as the kernel has it.
struct Vitals {
    let pid: Int32
    let descriptors: Int
    let residentMiB: Int

    init(of process: DaemonProcess) throws {
        pid = process.pid
        descriptors = try FileManager.default
            .contentsOfDirectory(atPath: "/proc/\(process.pid)/fd").count
        let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        residentMiB = kilobytes / 1_024
    }
}

extension Shop {
    /// More than the pools and the kept connections of a daemon, and less than what a row each
    /// would leave.
    private static let spareDescriptors = 60
    /// Of a debug build.
    private static let residentLimitMiB = 400

    /// Opens a shop, does what is to be done to it, and sees that nothing of it is left: the same
    /// processes, about as many descriptors, bounded memory, logs that steer no terminal, and an
    /// order that ends PAID.
    static func underAttack(
        settings: [String: String] = [:], descriptors: Int? = nil,
        _ attack: (Shop) async throws -> Void
    ) async throws {
        let shop = try await Shop.open(
            settings: Dictionary(
                uniqueKeysWithValues: Shop.Daemon.allCases.map { ($0, settings) }),
            descriptors: descriptors)
        try await shop.openAccount("ann", balance: "1000")
        _ = try await shop.settled(shop.place("ann", "1"))
        let before = try Daemon.allCases.map { try Vitals(of: shop.process($0)) }
        try await attack(shop)
        #expect(try await shop.settled(shop.place("ann", "1"))["status"] == "PAID")
        for (daemon, before) in zip(Daemon.allCases, before) {
            let process = try shop.process(daemon)
            #expect(process.isRunning)
            var after = try Vitals(of: process)
            try await eventually("\(daemon.rawValue) closes what it opened") {
                after = try Vitals(of: process)
                return after.descriptors <= before.descriptors + spareDescriptors
            }
            #expect(after.pid == before.pid)
            #expect(after.residentMiB < residentLimitMiB)
            print(
                "hostile: \(daemon.rawValue): descriptors \(before.descriptors) -> "
                    + "\(after.descriptors), resident \(before.residentMiB) -> "
                    + "\(after.residentMiB) MiB")
            let controls = Self.controls(in: process.logBytes)
            #expect(controls.isEmpty, "\(daemon.rawValue) logs \(controls)")
        }
        let logs = try Daemon.allCases.map { (daemon: $0, process: try shop.process($0)) }
        for (daemon, end) in await shop.close() {
            let last = logs.first { $0.daemon == daemon }?.process.logBytes.suffix(8_000) ?? []
            #expect(
                end == .exited(0),
                "\(daemon.rawValue) ended by \(end): \(String(decoding: last, as: UTF8.self))")
        }
    }

    /// Control characters in a log besides its line feeds, with their place: C0, DEL and, as UTF-8
    /// has them, C1.
    private static func controls(in log: [UInt8]) -> [String] {
        log.indices.compactMap { index in
            let byte = log[index]
            let isC1 =
                byte == 0xC2 && index + 1 < log.count && (0x80...0x9F).contains(log[index + 1])
            guard byte < 0x20 && byte != 0x0A || byte == 0x7F || isC1 else { return nil }
            return "\(byte) at \(index)"
        }
    }
}
