await Microsoft.AspNetCore.Builder.WebApplication.CreateBuilder(args).Build().RunAsync();
