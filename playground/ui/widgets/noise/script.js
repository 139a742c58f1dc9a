mount("noise.js");
