await GatewayCommand.main()
