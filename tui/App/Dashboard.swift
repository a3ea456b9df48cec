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
            "Seconds between polls: \(Interval.allValueStrings.joined(separator: ", ")).",
            valueName: "seconds"))
    var interval: Interval?
    @Option(help: "Colours for a dark or a light background, or none: dark, light, mono.")
    var theme: Settings.Theme?
    @Flag(help: "Draw with ASCII alone.") var ascii = false
    @Flag(help: "Leave the mouse to the terminal.") var noMouse = false
    @Option(help: ArgumentHelp("The size of --once.", valueName: "columnsxrows"))
    var size: SizeArgument?
    @OptionGroup var gateway: GatewayOptions

    @MainActor func show() async throws {
        let folders = Folders()
        let configuration = try Configuration.load(folders)
        let client = GatewayClient(try gateway.resolve(configuration))
        let settings = settings(configuration, gateway: client.configuration.url)
        if once { return try await showOnce(settings, client) }
        Self.restartWithoutPrompts()
        let view = SavedView(folders)
        let terminal = try open(settings, folders)
        let loop = DashboardLoop(
            state: view.restore(
                into: Self.state(adapted(settings, to: terminal), size: terminal.size)),
            terminal: terminal, client: client, view: view)
        let code = loop.run()
        terminal.close()
        exit(code)
    }

    /// Options first, then the configuration.
    func settings(_ configuration: Configuration, gateway: String) -> Settings {
        Settings(
            gateway: gateway, isReadOnly: readonly || configuration.readonly == true,
            theme: theme ?? configuration.theme ?? .dark,
            glyphs: ascii || configuration.ascii == true ? .ascii : .utf8,
            hasMouse: !noMouse && configuration.mouse != false,
            interval: interval?.milliseconds ?? configuration.interval ?? 1_000)
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

    private func adapted(_ settings: Settings, to terminal: TerminalBackend) -> Settings {
        var settings = settings
        if !terminal.isUTF8 { settings.glyphs = .ascii }
        return settings
    }

    private func showOnce(_ settings: Settings, _ client: GatewayClient) async throws {
        var settings = settings
        if !Self.isUTF8 { settings.glyphs = .ascii }
        let size = size?.size ?? Size(columns: 120, rows: 36)
        let picture = await Picture.take(Self.state(settings, size: size), Asker(client: client))
        await client.shutdown()
        say(picture.text)
        if let failure = picture.failure {
            throw Complaint(
                "\(failure); the picture is empty (--gateway or GATEWAY_URL names another gateway)",
                .gatewayTrouble)
        }
    }

    private static func state(_ settings: Settings, size: Size) -> State {
        State(
            settings: settings, size: size, moment: .now, session: UUID().uuidString.lowercased(),
            seed: UInt64.random(in: 0...UInt64.max))
    }

    /// What the locale's variables say; without any it is ASCII, as POSIX has it.
    private static var isUTF8: Bool {
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].lazy
            .compactMap { getenv($0).map { String(cString: $0) } }.first { !$0.isEmpty } ?? ""
        return ["utf-8", "utf8"].contains { locale.lowercased().hasSuffix($0) }
    }

    /// Swift's crash reporter would ask questions on a screen in raw mode, and reads its setting
    /// before `main`: so the process begins anew with it.
    private static func restartWithoutPrompts() {
        guard getenv("SWIFT_BACKTRACE") == nil else { return }
        setenv("SWIFT_BACKTRACE", "interactive=no,color=no", 1)
        let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", arguments)
        // Where that is not possible, the dashboard runs all the same.
        arguments.forEach { free($0) }
    }
}

extension Moment {
    /// Both clocks of this machine.
    static var now: Moment {
        var (monotonic, wall) = (timespec(), timespec())
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        clock_gettime(CLOCK_REALTIME, &wall)
        return Moment(now: monotonic.milliseconds, wall: wall.milliseconds)
    }
}

extension timespec {
    fileprivate var milliseconds: Int64 { Int64(tv_sec) * 1_000 + Int64(tv_nsec) / 1_000_000 }
}
