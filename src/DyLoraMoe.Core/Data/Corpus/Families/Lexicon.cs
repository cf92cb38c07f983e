namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>The words of the small world. Few and regular, so that a small vocabulary holds each as one token.</summary>
internal static class Lexicon
{
    public static readonly string[] Names =
    [
        "Ana", "Ben", "Cara", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jack", "Kim", "Leo",
        "Mia", "Ned", "Olga", "Paul", "Rosa", "Sam", "Tina", "Uma", "Vera", "Will", "Yara", "Zoe",
    ];

    public static readonly string[] Animals =
    [
        "dog", "cat", "cow", "horse", "sheep", "duck", "frog", "bird", "fish", "mouse", "lion", "bear",
    ];

    public static readonly string[] Colors = ["red", "blue", "green", "yellow", "black", "white", "brown", "pink"];

    public static readonly string[] Objects =
    [
        "ball", "book", "box", "cup", "hat", "key", "lamp", "map", "pen", "ring", "bag", "coin", "doll", "kite", "drum", "rope",
    ];

    public static readonly string[] Places =
    [
        "park", "house", "garden", "school", "shop", "kitchen", "forest", "river", "market", "farm", "tower", "station",
    ];

    public static readonly string[] Foods = ["apple", "bread", "cake", "soup", "rice", "egg", "plum", "pear", "corn", "bean", "fig", "nut"];

    public static readonly string[] Moods = ["happy", "sad", "tired", "hungry", "calm", "angry", "proud", "quiet"];

    public static readonly string[] Letters = [.. Enumerable.Range('a', 26).Select(c => ((char)c).ToString())];

    public static readonly string[] Words = [.. Animals, .. Colors, .. Objects, .. Places, .. Foods];

    public static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    public static readonly string[] Symbols = ["#", "*", "+", "!", "@", "%", "&", "~"];

    public static string An(string noun) => (noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an " : "a ") + noun;

    public static string Number(SeededRandom random) => $"{(random.Chance(0.4) ? random.Next(10) : random.Next(100))}";

    /// <summary>A number whose count of digits, not its value, is drawn evenly, so that small ones are frequent.</summary>
    public static int Magnitude(SeededRandom random, int mostDigits)
    {
        var digits = random.Between(1, mostDigits);
        var low = digits == 1 ? 0 : (int)Math.Pow(10, digits - 1);
        return random.Between(low, (int)Math.Pow(10, digits) - 1);
    }

    /// <summary>Random letters and then digits, which nothing but copying can bring back, and which are never a word.</summary>
    public static string Code(SeededRandom random) =>
        string.Concat(Draw(() => random.Pick(Letters), random.Between(1, 2))) + string.Concat(Draw(() => $"{random.Next(10)}", random.Between(1, 2)));

    /// <summary>A drawing of one kind of token: letters, numbers, words or codes.</summary>
    public static Func<string> Tokens(SeededRandom random) => random.Next(8) switch
    {
        < 3 => () => random.Pick(Letters),
        < 5 => () => Number(random),
        < 7 => () => random.Pick(Words),
        _ => () => Code(random),
    };

    public static string[] Draw(Func<string> token, int count) => [.. Enumerable.Range(0, count).Select(_ => token())];
}
