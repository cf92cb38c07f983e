using DyLoraMoe.Crds;

if (args is not [var folder])
{
    Console.Error.WriteLine("usage: DyLoraMoe.Crds FOLDER    writes the custom resource definitions of dylora.dev into the folder");
    return 2;
}

Directory.CreateDirectory(folder);
foreach (var (name, text) in Definitions.Write())
{
    File.WriteAllText(Path.Combine(folder, name), text);
    Console.WriteLine(Path.Combine(folder, name));
}

return 0;
