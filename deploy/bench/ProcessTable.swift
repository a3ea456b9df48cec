import Foundation

/// What /proc told of all processes at one moment.
struct ProcessTable {
    private struct Process {
        let parent: Int32
        let name: Substring
        /// Its own time and that of children it has waited for, in seconds.
        let seconds: Double
    }

    private var processes: [Int32: Process] = [:]

    init() {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for pid in entries.compactMap({ Int32($0) }) {
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")")
            else { continue }
            // After the name: state, parent, …, and the four times as fields 14 to 17 of proc(5).
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 15, let parent = Int32(fields[1]) else { continue }
            let times = fields[11...14].compactMap { Double($0) }
            processes[pid] = Process(
                parent: parent, name: text[start..<end].dropFirst(),
                seconds: times.reduce(0, +) / ticks)
        }
    }

    /// The time of a process and all that come from it.
    func seconds(of pid: Int32) -> Double {
        let children = processes.filter { $0.value.parent == pid }.keys
        return (processes[pid]?.seconds ?? 0) + children.reduce(0) { $0 + seconds(of: $1) }
    }

    /// The time of a process's children of a name, which end in their own time.
    func seconds(ofChildren name: String, of pid: Int32) -> Double {
        processes.values.filter { $0.parent == pid && $0.name == name }
            .reduce(0) { $0 + $1.seconds }
    }

    /// Begins the peak anew, as proc(5) tells: from now on it is of what comes.
    static func forgetPeakMemory(of pid: Int32) {
        try? "5".write(toFile: "/proc/\(pid)/clear_refs", atomically: false, encoding: .utf8)
    }

    /// The most memory that a process had resident since its peak was forgotten, in MB.
    static func peakMemory(of pid: Int32) -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(separator: " ").compactMap { Double($0) }.first ?? 0
        return kilobytes / 1_024
    }
}
