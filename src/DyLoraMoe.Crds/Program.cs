using DyLoraMoe.Crds;

if (args is not [var folder, var reference])
{
    Console.Error.WriteLine("usage: DyLoraMoe.Crds FOLDER REFERENCE    writes the custom resource definitions of dylora.dev into a folder, and the tables of fields into the pages of another");
    return 2;
}

Directory.CreateDirectory(folder);
foreach (var (name, text) in Definitions.Write())
{
    File.WriteAllText(Path.Combine(folder, name), text);
    Console.WriteLine(Path.Combine(folder, name));
}

foreach (var kind in Definitions.Kinds)
{
    var page = Path.Combine(reference, FieldTables.PageOf(kind));
    File.WriteAllText(page, FieldTables.Renew(File.ReadAllText(page), kind));
    Console.WriteLine(page);
}

return 0;
