function e(e,t){let n=[...t].sort((e,t)=>e.from-t.from||e.to-t.to),r=``,i=0;for(let{from:t,to:a,insert:o}of n){if(t<i||a<t||a>e.length)throw RangeError(`splices overlap`);r+=e.slice(i,t)+o,i=a}return r+e.slice(i)}function t(e,t){let n=Math.min(e.length,t.length),r=0;for(;r<n&&e.charCodeAt(r)===t.charCodeAt(r);)r+=1;let i=0;for(;i<n-r&&e.charCodeAt(e.length-1-i)===t.charCodeAt(t.length-1-i);)i+=1;return{from:r,to:e.length-i,insert:t.slice(r,t.length-i)}}function n(e,t){return{from:t.from,to:t.from+t.insert.length,insert:e.slice(t.from,t.to)}}function r(e,t){return e.lastIndexOf(`
`,t-1)+1}function i(e,t){let n=e.indexOf(`
`,t);return n<0?e.length:n>t&&e[n-1]===`\r`?n-1:n}function a(e){return/\r\n/.test(e)?`\r
`:`
`}export{a,r as i,n,e as o,i as r,t};