import ArgumentParser
import FoundationEssentials
import Glibc
import KassaClient
import KassaModel
import KassaTerminal
import KassaView

/// `kassa dashboard`, which is also what `kassa` alone does.
///
/// The screen belongs to the main thread, so this is no asynchronous command: ``Program`` calls
/// ``show()`` there.
struct Dashboard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Show accounts and orders live (this is the default command).",
        discussion: "Press ? in it for its keys. It stays when the gateway goes away, and says so.")

    @Flag(help: "Print one picture as text and end; exit 3 without a gateway.") var once = false
    @Flag(help: "Open no form and change nothing.") var readonly = false
    @Option(
        help: ArgumentHelp(
            "Seconds between polls.", valueName: "seconds"))
    var interval: Interval?
    @Option(help: "Colours for this background, or none.")
    var theme: Settings.Theme?
    @Flag(help: "Draw lines and signs with ASCII; names keep their letters.") var ascii = false
    @Flag(help: "Leave the mouse to the terminal.") var noMouse = false
    @Option(help: ArgumentHelp("The size of --once.", valueName: "columnsxrows"))
    var size: SizeArgument?
    @OptionGroup var gateway: GatewayOptions

    @MainActor func show() async throws {
        let folders = Folders()
        let configuration = try Configuration.load(folders)
        let address = try gateway.resolve(configuration)
        var state = Self.state(configuration, gateway: address.url)
        if once { return try await showOnce(state, address) }
        Self.restartWithoutPrompts()
        var file = ViewFile(folders)
        state.restore(file.load())
        let remembered = state.savedView
        choose(&state.settings)
        file.passOver(from: remembered, to: state.savedView)
        let terminal = try open(state.settings, folders)
        state.settings.isUTF8 = terminal.isUTF8
        let client = GatewayClient(address)
        let loop = DashboardLoop(state: state, terminal: terminal, client: client, file: file)
        let code = loop.run()
        terminal.close()
        // Questions that are under way end with the process.
        withExtendedLifetime(client) { Glibc.exit(code) }
    }

    /// What the command line asks for goes before what is remembered or configured.
    func choose(_ settings: inout Settings) {
        if readonly { settings.isReadOnly = true }
        if let interval { settings.interval = interval.milliseconds }
        if let theme { settings.theme = theme }
        if ascii { settings.glyphs = .ascii }
        if noMouse { settings.hasMouse = false }
    }

    private func open(_ settings: Settings, _ folders: Folders) throws -> TerminalBackend {
        var options = TerminalBackend.Options()
        options.hasMouse = settings.hasMouse
        options.isColourRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        if let folder = folders.state {
            try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            options.errorLog = "\(folder)/kassa.log"
        }
        do {
            return try TerminalBackend.open(options)
        } catch {
            throw Complaint("\(error)", .noTerminal)
        }
    }

    private func showOnce(_ start: State, _ address: GatewayClient.Configuration) async throws {
        var state = start
        choose(&state.settings)
        state.settings.isUTF8 = Self.isUTF8
        if let size { state.size = size.size }
        let client = GatewayClient(address)
        let picture = await Picture.take(state, Asker(client: client))
        await client.shutdown()
        say(picture.text, end: "")
        if let failure = picture.failure {
            throw Complaint(
                "\(failure); --gateway or GATEWAY_URL names another gateway", .gatewayTrouble)
        }
    }

    private static func state(_ configuration: Configuration, gateway: String) -> State {
        State(
            settings: Settings(
                gateway: gateway, isReadOnly: configuration.readonly == true,
                theme: configuration.theme ?? .dark,
                glyphs: configuration.ascii == true ? .ascii : .utf8,
                hasMouse: configuration.mouse != false, interval: configuration.interval ?? 1_000),
            size: Size(columns: 120, rows: 36), moment: .current,
            session: UUID().uuidString.lowercased(), seed: UInt64.random(in: 0...UInt64.max))
    }

    /// What the locale's variables say; without any it is ASCII, as POSIX has it.
    private static var isUTF8: Bool {
        let variables = ["LC_ALL", "LC_CTYPE", "LANG"]
        let values = variables.compactMap { name in getenv(name).map { String(cString: $0) } }
        let locale = values.first { !$0.isEmpty } ?? ""
        return ["utf-8", "utf8"].contains { locale.lowercased().hasSuffix($0) }
    }

    /// Swift's crash reporter would ask questions on a screen in raw mode, and reads its setting
    /// before `main`: so the process begins anew with it.
    private static func restartWithoutPrompts() {
        guard getenv("SWIFT_BACKTRACE") == nil else { return }
        setenv("SWIFT_BACKTRACE", "interactive=no,color=no", 1)
        var path = [CChar](repeating: 0, count: 4_096)
        // By its own path, so that the process keeps its name.
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return }
        let arguments = Swift.CommandLine.arguments.map { strdup($0) } + [nil]
        execv(path, arguments)
        // Where that is not possible, the dashboard runs all the same.
        arguments.forEach { free($0) }
    }
}

extension Moment {
    /// Both clocks of this machine.
    static var current: Moment {
        var (monotonic, wall) = (timespec(), timespec())
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        clock_gettime(CLOCK_REALTIME, &wall)
        return Moment(now: monotonic.milliseconds, wall: wall.milliseconds)
    }
}

extension timespec {
    fileprivate var milliseconds: Int64 { Int64(tv_sec) * 1_000 + Int64(tv_nsec) / 1_000_000 }
}
