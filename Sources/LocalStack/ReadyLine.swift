/// What `kassa-stack run --ready-json` prints once everything is healthy: all that a test needs to
/// know.
package struct ReadyLine: Sendable, Codable {
    package let path: String
    package let serverPath: String
    package let addresses: StackAddresses
    package let ports: PortPlan

    /// The line of a stack that is ready.
    package init(path: String, serverPath: String, addresses: StackAddresses, ports: PortPlan) {
        self.path = path
        self.serverPath = serverPath
        self.addresses = addresses
        self.ports = ports
    }

    package var folder: StackFolder { StackFolder(path: path, serverPath: serverPath) }
}
