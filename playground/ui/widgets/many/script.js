mount("many.js");
