mount("inside.js");
