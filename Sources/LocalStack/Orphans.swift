import Glibc

/// Processes whose supervisor is gone (kill -9) and which would otherwise run for ever.
package enum Orphans {
    /// Ends what still runs of `processes`, in the order in which a stack stops, and returns their
    /// names.
    package static func end(_ processes: [ProcessRecord]) async -> [String] {
        var ended: [String] = []
        for record in processes.reversed() {
            guard let process = record.process, process.isRunning else { continue }
            ended.append(record.name)
            kill(process.pid, record.name == "postgres" ? SIGINT : SIGTERM)
            if await hasEnded(process, within: .seconds(15)) { continue }
            kill(process.pid, SIGKILL)
            _ = await hasEnded(process, within: .seconds(5))
        }
        return ended
    }

    /// Whether the process, which need not be a child, is gone within `limit`.
    package static func hasEnded(_ process: ProcessIdentity, within limit: Duration) async -> Bool {
        (try? await poll(within: limit) { !process.isRunning }) ?? false
    }
}
